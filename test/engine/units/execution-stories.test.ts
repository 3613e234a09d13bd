import * as fc from 'fast-check'
import {expect, test} from 'vitest'
import {keys} from '../../../src/engine/contracts/keys.js'
import {planPayload} from '../../../src/engine/contracts/streams/trade.js'
import {execution} from '../../../src/engine/units/exec/execution.js'
import {drive} from '../../support/drive.js'
import {allowed, answered, type Execution, failed, type Plan, SYMBOL, stopIs, traded} from './executing.js'

const happening = fc.record({
	what: fc.constantFrom('allow', 'enter', 'fill', 'rest', 'end', 'refuse', 'trigger', 'skip', 'answer', 'wait'),
	quantity: fc.constantFrom(1, -1, 2, -2),
	// Sweeps at one instant are told apart by their number since the start, so time always passes.
	wait_ms: fc.constantFrom(1, 500, 1_000, 6_000),
})
type Happening = Readonly<{what: string; quantity: number; wait_ms: number}>

const eventOf = (
	{what, quantity}: Happening,
	asked: Plan,
	index: number,
): readonly [string, Readonly<Record<string, unknown>>] | undefined => {
	const side = asked.side
	const trade = {trade_id: String(index)}
	switch (what) {
		case 'allow':
			return ['verdict', allowed(entryAt(index, quantity).plan_id, {side: quantity > 0 ? 'BUY' : 'SELL'})]
		case 'enter':
			return ['account', traded(`q-${asked.plan_id}`, quantity, trade)]
		case 'fill':
			return ['account', traded('q-any', quantity, trade)]
		case 'rest':
			return ['account', stopIs(asked, 'NEW', 's', {side})]
		case 'end':
			return ['account', stopIs(asked, 'CANCELED')]
		case 'refuse':
			return ['result', failed(asked, '-1111')]
		case 'trigger':
			return ['result', failed(asked, '-2021')]
		case 'skip':
			return ['result', failed(asked, 'QUEUE_FULL', {decision: 'SKIP'})]
		case 'answer':
			return ['result', answered(asked)]
		default:
			return undefined
	}
}

/** An entry as somebody who waits for the stop that it brings. */
const entryAt = (index: number, quantity: number): Plan => ({
	plan_id: `entry-${index}`,
	action: 'OPEN',
	side: quantity > 0 ? 'SELL' : 'BUY',
})
const none: Plan = {plan_id: 'none', action: 'PROTECT', side: 'SELL'}

/** Plays a story, restarting the unit before every event or not; answers with all that was asked for. */
const play = async (story: readonly Happening[], restarting: boolean) => {
	let unit: Execution = await drive(execution)
	const {clock, bus, naming} = unit
	const asked: (Plan & {amount: number})[] = []
	let amount = 0
	const hear = async () => {
		const entries = await bus.range(naming.stream('apply.plan'), {count: 1_000})
		const fresh = entries.slice(asked.length).map(({fields}) => ({...planPayload.parse(fields), amount}))
		asked.push(...fresh)
		return fresh
	}
	/** Who brings a stop: the newest request for protection, or an entry after it. */
	let newest = none
	const heard = async (entry?: Plan) => {
		const fresh = await hear()
		newest = fresh.findLast(({action}) => action === 'PROTECT') ?? entry ?? newest
		return fresh
	}
	for (const [index, happened] of story.entries()) {
		if (restarting) unit = await drive(execution, {bus, clock})
		const {what, quantity} = happened
		const event = eventOf(happened, newest, index)
		if (what === 'fill' || what === 'enter') amount += quantity
		if (event) await unit.send(...event, {id: `event-${index}`})
		expect((await heard(what === 'allow' ? entryAt(index, quantity) : undefined)).length).toBeLessThanOrEqual(1)
		clock.advance(happened.wait_ms)
		await unit.timer('sweep')
		await heard()
	}
	const before = asked.length
	// Left alone: the longest patience, and as much again for what is cancelled first.
	for (let second = 0; second < 6; second += 1) {
		clock.advance(1_000)
		await unit.timer('sweep')
	}
	await hear()
	const state = (await bus.hashAll(naming.key(keys.unitState, {unit: 'execution'})))[SYMBOL]
	return {asked, amount, follows: asked.length > before, state}
}

test('whatever happens, an open position has its stop resting or something under way for it; restarts change nothing', async () => {
	await fc.assert(
		fc.asyncProperty(fc.array(happening, {minLength: 1, maxLength: 20}), async story => {
			const {asked, amount, follows, state} = await play(story, false)
			expect(await play(story, true)).toEqual({asked, amount, follows, state})
			const ids = asked.map(({plan_id}) => plan_id)
			expect(new Set(ids).size).toBe(ids.length)
			for (const plan of asked) {
				if (plan.action === 'CANCEL_STOP') continue
				expect(plan.side).toBe(plan.amount > 0 ? 'SELL' : 'BUY')
				if (plan.action === 'FULL_CLOSE_PROPOSED') expect(Number(plan.quantity)).toBe(Math.abs(plan.amount))
			}
			if (amount === 0) return
			const {protection} = JSON.parse(state ?? '') as {protection: {status: string}}
			expect(follows || protection.status === 'RESTING').toBe(true)
		}),
		{numRuns: 60},
	)
})
