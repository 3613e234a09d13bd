import {writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, it} from 'vitest'
import {readPolicyFile} from '../../src/daemon/system/policy-file.js'
import {deadLetters} from '../../src/engine/contracts/streams/ops.js'
import {problemText} from '../../src/engine/logic/policy-check.js'
import {unitByName} from '../../src/engine/registry.js'
import {drive} from '../support/drive.js'
import {temporaryHome} from '../support/temporary-home.js'
import {kinds} from './kinds.js'

/** A second of each kind; npm run fuzz tries a hundred thousand. */
const COUNT = 1_000
const SEED = Date.now() % 2 ** 31

const lettersAfter = async (name: string, port: string, fields: Readonly<Record<string, string>>) => {
	const driven = await drive(unitByName.get(name))
	await driven.sendFields(port, fields)
	// Who reads dead letters meets what it wrote itself.
	await driven.handle(port)
	const letters = await driven.bus.range(driven.naming.stream(deadLetters.name), {count: 10})
	return letters.flatMap(({fields: {unit, reason, detail = ''}}) => (unit === name ? [`${reason} ${detail}`] : []))
}

const intent = {symbol: 'BTCUSDT', side: 'BUY', confidence: '0.9'}
const result = {
	plan_id: 'plan-0001',
	symbol: 'BTCUSDT',
	trade_id: '7',
	order_id: '8',
	side: 'SELL',
	price: '2',
	quantity: '2',
	notional_usdt: '4',
	fee: '0.015',
	fee_asset: 'USDT',
	realised_pnl: '0',
	liquidity: 'MAKER',
	effect: 'OPEN',
	position_amount: '2',
}
const closed = {
	trade_id: '7',
	symbol: 'BTCUSDT',
	side: 'LONG',
	quantity: '1',
	entry_price: '2',
	exit_price: '3',
	opened_ms: '1750000000000',
	closed_ms: '1750000060000',
	realised_pnl: '1',
	fees: '0',
	net_pnl: '1',
	plan_id: 'plan-0001',
	exit_plan_id: 'plan-0002',
	exit_reason: 'target',
}
/** What fuzzing found once. */
const HELD = [
	{
		what: 'an asset named as what every object inherits was added to a function',
		unit: 'trade-logger',
		port: 'result',
		fields: {...result, fee_asset: 'hasOwnProperty'},
		letters: [/^CONTRACT_BROKEN fee_asset: expected another name/],
	},
	{
		what: 'a symbol may be written in letters that every object inherits',
		unit: 'trade-logger',
		port: 'result',
		fields: {...result, symbol: '__proto__'},
		letters: [/^CONTRACT_BROKEN symbol: expected another name/],
	},
	{
		what: 'a correction without a symbol ended the process at each start',
		unit: 'position-state-brain',
		port: 'reconcile',
		fields: {run_id: 'run', outcome: 'CORRECTION', amount: '1', stop_resting: 'true'},
		letters: [],
	},
	{
		what: 'a quote that is no price failed the sender',
		unit: 'apply-layer',
		port: 'verdict',
		fields: {plan_id: 'plan-0001', symbol: 'BTCUSDT', verdict: 'ALLOW', reason: 'OK', quote_price: 'none'},
		letters: [/^CONTRACT_BROKEN quote_price: /],
	},
	{
		what: 'a time beyond the calendar could not be shown as a day',
		unit: 'portfolio-governance',
		port: 'closed',
		fields: {...closed, closed_ms: '9007199254740991'},
		letters: [/^CONTRACT_BROKEN closed_ms: [^;]*$/],
	},
	{
		what: 'the letter about an entry that is too long led to a longer one, without an end',
		unit: 'stream-recover',
		port: 'letter',
		fields: {
			stream: 'alerts',
			group: 'some',
			entry_id: '1-1',
			reason: 'TOO_LONG',
			detail: '70000 bytes',
			deliveries: '1',
			fields: JSON.stringify({long: 'x'.repeat(70_000)}),
		},
		letters: [],
	},
] as const

describe('what nobody should send', () => {
	it.each(kinds)(
		'$name: breaks nothing, and is refused with a reason',
		async ({name, share, fuzz}) => {
			process.stdout.write(`fuzz ${name}: seed ${SEED}\n`)
			const {tried, refused} = await fuzz(Math.ceil(COUNT * share), SEED)
			expect(refused, `seed ${SEED}`).toBeGreaterThan(tried / 5)
		},
		60_000,
	)

	it.each(HELD)('$what', async ({unit, port, fields, letters}) => {
		const written = await lettersAfter(unit, port, fields)
		expect(written).toHaveLength(letters.length)
		for (const [index, letter] of letters.entries()) expect(written[index]).toMatch(letter)
	})

	it.each([
		['an unknown tag', '!!js/function x', /^file: found no YAML; Unresolved tag/],
		['a field without a name', '"": 1', /^"": found 1; no such field/],
	])('a policy file with %s is refused by name', async (_, text, said) => {
		const place = await temporaryHome('qt-fz-')
		const path = join(place.path, 'policy.yaml')
		writeFileSync(path, text)
		const found = readPolicyFile(path)
		await place.remove()
		expect(found.ok ? [] : found.problems.map(problemText)).toEqual([expect.stringMatching(said)])
	})

	it('an envelope that later entries cannot carry on is refused by its names', async () => {
		const fields = {...intent, id: '', unit: 'x'.repeat(513), cause: 'constructor'}
		const driven = await drive(unitByName.get('portfolio-gate'))
		await driven.sendFields('intent', fields)
		const stream = driven.naming.stream('trade.intent.dlq')
		const [letter] = await driven.bus.range(stream, {count: 10})
		expect(letter?.fields.reason).toBe('CONTRACT_BROKEN')
		expect(letter?.fields.detail).toMatch(/^id: .*; unit: .*; cause: /)
		expect(letter?.fields.cause).toBe(letter?.fields.entry_id)
	})
})
