import {expect, test} from 'vitest'
import {balanceTracker} from '../../../src/engine/units/state/balance-tracker.js'
import {drive} from '../../support/drive.js'
import {balance, fill, income} from './account-events.js'

test.each([
	['the first balance', [balance()], [['USDT', '1000']]],
	[
		'a change',
		[balance(), balance({wallet_balance: '999', reason: 'ORDER'})],
		[
			['USDT', '1000'],
			['USDT', '999'],
		],
	],
	['a repetition is no news', [balance(), balance({reason: 'RESYNC'})], [['USDT', '1000']]],
	[
		'assets apart',
		[balance(), balance({asset: 'BNB', wallet_balance: '1'}), balance()],
		[
			['USDT', '1000'],
			['BNB', '1'],
		],
	],
	['other events say nothing', [fill()], []],
])('%s', async (_, events, expected) => {
	const unit = await drive(balanceTracker)
	const emitted = []
	for (const event of events) emitted.push(...(await unit.send('account', event)))
	expect(emitted.map(({payload}) => [payload.asset, payload.wallet_balance])).toEqual(expected)
})

const came = (amount: string, income_type = 'TRANSFER') => income({income_type, amount, symbol: undefined})
test.each([
	['a deposit', [balance({wallet_balance: '1500', reason: 'DEPOSIT'}), came('500')], ['500']],
	['a withdrawal whose row came first', [came('-400'), balance({wallet_balance: '600', reason: 'WITHDRAW'})], ['-400']],
	[
		'funding is none',
		[came('-1', 'FUNDING_FEE'), balance({wallet_balance: '999', reason: 'FUNDING_FEE'})],
		[undefined],
	],
	['one of a gap, with a loss', [came('-400'), balance({wallet_balance: '590', reason: 'RESYNC'})], ['-400']],
	['a loss of a gap', [balance({wallet_balance: '590', reason: 'RESYNC'})], [undefined]],
	[
		'one that was told is not told again',
		[
			balance({wallet_balance: '1500', reason: 'DEPOSIT'}),
			came('500'),
			balance({wallet_balance: '1600', reason: 'RESYNC'}),
		],
		['500', undefined],
	],
])('transfers: %s', async (_, events, expected) => {
	const unit = await drive(balanceTracker)
	await unit.send('account', balance())
	const emitted = []
	for (const event of events) emitted.push(...(await unit.send('account', event)))
	expect(emitted.map(({payload}) => payload.transfer)).toEqual(expected)
})

const correction = {
	run_id: 'run-1',
	outcome: 'CORRECTION',
	invariant: 'R6',
	expected: 'unknown',
	actual: '1000',
	detail: 'USDT',
}
test('what was not pushed comes from reconciliation', async () => {
	const unit = await drive(balanceTracker)
	const said = async (changes = {}) =>
		(await unit.send('reconcile', {...correction, ...changes})).map(({payload}) => [
			payload.asset,
			payload.wallet_balance,
			payload.change,
			payload.reason,
		])
	expect(await said()).toEqual([['USDT', '1000', '0', 'INITIAL']])
	expect(await said()).toEqual([])
	expect(await said({actual: '990.5'})).toEqual([['USDT', '990.5', '-9.5', 'RECONCILE']])
	expect(await said({invariant: 'R1', symbol: 'BTCUSDT'})).toEqual([])
	expect(await unit.send('reconcile', {run_id: 'run-1', outcome: 'CLEAN'})).toEqual([])
})
