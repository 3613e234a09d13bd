import {describe, expect, test} from 'vitest'
import {
	alerts,
	allowed,
	answered,
	awaiting,
	closed,
	type Execution,
	entry,
	failed,
	fills,
	later,
	plans,
	SYMBOL,
	stopIs,
	tell,
	traded,
} from './executing.js'

type Telling = (unit: Execution) => Promise<unknown>
const fill: Telling = unit => tell(unit, traded('q-entry', 1))
const answer: Telling = unit => unit.send('result', answered(entry))
const rests: Telling = unit => tell(unit, stopIs(entry, 'NEW'))
const targetRests: Telling = unit => tell(unit, stopIs(entry, 'NEW', 't'))
const codes = (emitted: Parameters<typeof alerts>[0]) => alerts(emitted).map(({code}) => code)
const levels = {stop_price: '97.5', target_price: '104'}

/** All orders of some things. */
const permutations = <T>(things: readonly T[]): T[][] =>
	things.length < 2
		? [[...things]]
		: things.flatMap((first, index) =>
				permutations(things.filter((_, other) => other !== index)).map(rest => [first, ...rest]),
			)

describe('an entry that was allowed brings its stop', () => {
	test.each(permutations(['fill', 'answer', 'rests', 'targetRests'] as const).map(order => [order] as const))(
		'whatever comes first: %j',
		async order => {
			const unit = await awaiting(levels)
			for (const what of order) {
				const emitted = await {fill, answer, rests, targetRests}[what](unit)
				expect(plans((emitted ?? []) as Parameters<typeof plans>[0])).toEqual([])
			}
			expect(plans(await later(unit, 60_000))).toEqual([])
			// Known to rest: as it ends, another is asked for, and the target that still rests is not.
			await tell(unit, stopIs(entry, 'CANCELED'))
			const [again] = plans(await later(unit, 1_000))
			expect(again).toMatchObject({action: 'PROTECT', side: 'SELL', stop_price: '97.5'})
			expect(again).not.toHaveProperty('target_price')
		},
	)

	test('by its answer alone, and by the venue’s event alone', async () => {
		for (const tells of [answer, rests])
			for (const order of [
				[fill, tells],
				[tells, fill],
			]) {
				const unit = await awaiting(levels)
				for (const what of order) await what(unit)
				expect(plans(await later(unit, 60_000))).toEqual([])
			}
	})

	test('or within a second of the fill another is asked for, as its plan says', async () => {
		const unit = await awaiting(levels)
		await fill(unit)
		expect(plans(await later(unit, 999))).toEqual([])
		const [asked] = plans(await later(unit, 1))
		expect(asked).toMatchObject({action: 'PROTECT', side: 'SELL', ...levels})
		expect(asked?.plan_id).not.toBe(entry.plan_id)
		// Both are under way: the venue lets one of them rest.
		await rests(unit)
		await unit.send('result', failed({plan_id: asked?.plan_id ?? '', action: 'PROTECT'}, '-4130'))
		expect(plans(await later(unit, 60_000))).toEqual([])
	})

	test.each([
		['none', undefined, {}, ['PROTECT'], []],
		['refused', '-1111', {}, ['PROTECT'], ['STOP_REFUSED']],
		['not sent', 'STOPPING', {}, ['PROTECT'], ['STOP_REFUSED']],
		['that would trigger at once', '-2021', {}, ['FULL_CLOSE_PROPOSED'], ['UNPROTECTABLE']],
		['beside one that rests', '-4130', {}, [], []],
		['with an order that nobody found', 'NEVER_PLACED', {decision: 'FAILED'}, ['PROTECT'], ['STOP_REFUSED']],
	] as const)('%s: what follows is the same before the fill and after it', async (_, error, changes, actions, told) => {
		const refusal = failed(entry, error, {decision: 'EXECUTED', executed: true, filled_quantity: '1', ...changes})
		for (const early of [true, false]) {
			const unit = await awaiting(levels)
			const before = early ? await unit.send('result', refusal) : []
			const filled = await tell(unit, traded('q-entry', 1))
			const after = early ? filled : await unit.send('result', refusal)
			expect([plans(before), early ? [] : plans(filled)]).toEqual([[], []])
			expect([plans(after).map(({action}) => action), codes(after)]).toEqual([actions, told])
		}
	})

	test('that ended before the fill was known is asked for again', async () => {
		const unit = await awaiting(levels)
		await rests(unit)
		await tell(unit, stopIs(entry, 'CANCELED'))
		await answer(unit)
		await fill(unit)
		expect(plans(await later(unit, 1_000))).toMatchObject([{action: 'PROTECT', stop_price: '97.5'}])
	})

	test('is not taken for one that was left over, however late the fill comes', async () => {
		const unit = await awaiting(levels)
		await rests(unit)
		for (let second = 0; second < 10; second += 1) expect(plans(await later(unit, 1_000))).toEqual([])
		await fill(unit)
		expect(plans(await later(unit, 60_000))).toEqual([])
	})

	test('that still rests when the trade is over is cancelled, and so is its target', async () => {
		const unit = await awaiting(levels)
		for (const what of [fill, rests, targetRests, answer]) await what(unit)
		await tell(unit, traded('q-exit', -1))
		expect(plans(await later(unit, 5_000))).toMatchObject([{action: 'CANCEL_STOP', cancel_ids: ['s-entry', 't-entry']}])
	})

	test('a verdict that is told once more does not make it awaited again', async () => {
		const unit = await awaiting(levels)
		await fill(unit)
		await answer(unit)
		await unit.send('verdict', allowed(entry.plan_id, levels))
		await tell(unit, traded('q-exit', -1))
		expect(plans(await tell(unit, traded('q-entry', 1)))).toMatchObject([{action: 'PROTECT'}])
	})

	test('a target that was refused is told of, and the stop rests', async () => {
		const unit = await awaiting(levels)
		await fill(unit)
		const emitted = await unit.send('result', answered(entry, {target_client_id: undefined, error: '-1111'}))
		expect(codes(emitted)).toEqual(['TARGET_REFUSED'])
		expect(plans(await later(unit, 60_000))).toEqual([])
	})
})

test.each([
	['s-entry', 'stop'],
	['t-entry', 'target'],
])('what %s closes is closed by the %s, for nobody', async (client_id, exit_reason) => {
	const unit = await awaiting({...levels, reason: 'trend', source: 'trading-bot'})
	await fill(unit)
	const emitted = await tell(unit, traded(client_id, -1))
	expect(closed(emitted)).toMatchObject([{exit_reason, strategy: 'trading-bot', symbol: SYMBOL}])
	expect(fills(emitted)[0]).not.toHaveProperty('source')
})
