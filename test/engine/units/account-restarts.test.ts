import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {balanceTracker} from '../../../src/engine/units/state/balance-tracker.js'
import {positionStateBrain} from '../../../src/engine/units/state/position-state-brain.js'
import {reconcileEngine} from '../../../src/engine/units/state/reconcile-engine.js'
import {tradeLogger} from '../../../src/engine/units/state/trade-logger.js'
import {drive, HandClock} from '../../support/drive.js'
import {algo, balance, connection, fill, income, position} from './account-events.js'

const symbol = fc.constantFrom('BTCUSDT', '币安人生USDT')
const id = fc.integer({min: 1, max: 30}).map(String)
const amount = fc.integer({min: 1, max: 300}).map(units => String(units / 1_000))
const side = fc.constantFrom('BUY' as const, 'SELL' as const)
/** Whatever an account may tell, in any order and with repetitions. */
const event = fc.oneof(
	fc.record({symbol, trade_id: id, side, quantity: amount, realised_pnl: amount, fee: amount}).map(fill),
	fc.record({symbol, algo_id: id, side, status: fc.constantFrom('NEW', 'TRIGGERED', 'CANCELED', 'FINISHED')}).map(algo),
	fc.record({symbol, amount}).map(position),
	fc.record({symbol, transaction_id: id, amount}).map(income),
	fc.record({wallet_balance: amount}).map(balance),
	fc.constantFrom('LOST' as const, 'CONNECTED' as const, 'RESYNCED' as const).map(connection),
)

describe('a unit that is stopped and started between any two events writes what one that ran on writes', () => {
	test.each([positionStateBrain, tradeLogger, balanceTracker, reconcileEngine].map(unit => [unit.name, unit] as const))(
		'%s',
		async (_, unit) => {
			await fc.assert(
				fc.asyncProperty(fc.array(fc.tuple(event, fc.boolean()), {maxLength: 25}), async events => {
					const ranOn = await drive(unit)
					for (const [told] of events) await ranOn.send('account', told)

					const clock = new HandClock()
					let stopped = await drive(unit, {clock})
					const {bus} = stopped
					for (const [told, restarts] of events) {
						if (restarts) stopped = await drive(unit, {bus, clock})
						await stopped.send('account', told)
					}
					for (const name of ['position.snapshot', 'account.balance', 'alerts', 'reconcile.events']) {
						const payloads = (of: typeof bus) =>
							of
								.range(`test:stream:${name}`, {count: 1_000})
								.then(entries => entries.map(({fields: {id: _id, cause: _cause, ...fields}}) => fields))
						expect(await payloads(bus)).toEqual(await payloads(ranOn.bus))
					}
					for (const of of ['BTCUSDT', '币安人生USDT'])
						for (const key of ['position:snapshot', 'position', 'ledger', 'position:ledger'])
							expect(bus.store.hashAll(`test:${key}:${of}`)).toEqual(ranOn.bus.store.hashAll(`test:${key}:${of}`))
					expect(bus.store.hashAll(`test:unit:state:${unit.name}`)).toEqual(
						ranOn.bus.store.hashAll(`test:unit:state:${unit.name}`),
					)
				}),
				{numRuns: 20},
			)
		},
	)
})
