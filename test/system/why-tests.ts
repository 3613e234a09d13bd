import {expect, it} from 'vitest'
import {z} from 'zod'
import {readFlow} from '../../src/daemon/client/flow-reading.js'
import {idTime} from '../../src/engine/bus/stream-id.js'
import {eventually} from '../support/eventually.js'
import {callQt} from '../support/qt.js'
import type {RunningSystem} from '../support/system.js'
import {entriesOf} from '../support/system-audit.js'

const LONG_MS = 180_000
const patient = {within_ms: 90_000, every_ms: 200}

const envelope = z.looseObject({code: z.number(), message: z.string().optional(), hint: z.string().optional()})
const verdict = z.object({
	data: z.looseObject({
		verdict: z.looseObject({code: z.string()}),
		position: z.looseObject({opened_by: z.string()}).nullable(),
		checks: z.array(z.looseObject({code: z.string(), passed: z.boolean().nullable()})),
	}),
})
/** Commands with `--json`, asked of a system that runs. */
const asking = (systemOf: () => RunningSystem) => {
	const asked = async (...words: readonly string[]) => {
		const {stdout} = await callQt(systemOf().home.root, [...words, '--json'])
		return envelope.parse(JSON.parse(stdout))
	}
	const whyOf = async (...words: readonly string[]) => {
		const answer = await asked('why', ...words)
		return {...answer, data: verdict.parse(answer).data}
	}
	return {asked, whyOf}
}

/** What `qt why` says of a system that nobody has armed. */
export const whyBeforeArming = (systemOf: () => RunningSystem): void => {
	const {whyOf} = asking(systemOf)

	it('why names the kill before anything else, and every other gate with it', {timeout: LONG_MS}, async () => {
		const {code, message, data} = await whyOf('BTCUSDT', '--side', 'buy')
		expect([code, data.verdict.code]).toEqual([3, 'REFUSED'])
		expect(message).toMatch(/^BTCUSDT BUY [\d.]+ USDT would be refused: (?:ARM_FILE|KILLED): stopped by/)
		const codes = data.checks.map(row => row.code)
		for (const gate of [
			'QUOTE',
			'GATE_SECTOR',
			'PLANNED',
			'UNITS',
			'KILLED',
			'ESS_STOPPED',
			'BSC_TRIPPED',
			'COOLDOWN',
			'DEPTH_THIN',
		])
			expect(codes).toContain(gate)
		expect(data.checks.find(row => row.code === 'UNITS')?.passed).toBe(true)
	})
}

/** What `qt why` says of one that trades. */
export const whyWhileTrading = (systemOf: () => RunningSystem): void => {
	const {asked, whyOf} = asking(systemOf)

	it('why says since when a position is held', {timeout: LONG_MS}, async () => {
		const told = await eventually(
			async () => {
				const [open] = await systemOf().venue.positions()
				if (!open) return undefined
				const answer = await whyOf(String(open.symbol))
				const known = answer.data.verdict.code === 'POSITION' && answer.data.position?.opened_by !== ''
				return known ? answer : undefined
			},
			{...patient, what: 'a position is open, and told of'},
		)
		expect(told.code).toBe(0)
		expect(told.data.position).toMatchObject({opened_by: 'trading-bot'})
	})

	it('why tells from the record what an intent came to', {timeout: LONG_MS}, async () => {
		const decided = await eventually(
			async () =>
				(await entriesOf(systemOf(), 'governor.events')).find(
					({verdict = '', symbol = ''}) => ['ALLOW', 'REFUSE'].includes(verdict) && symbol !== '',
				),
			{...patient, what: 'a verdict of the governor'},
		)
		const at = new Date(Date.now()).toISOString()
		const then = await asked('why', decided.symbol ?? '', '--at', at)
		expect(then.data).toMatchObject({symbol: decided.symbol, newest: {authority: 'live'}, entries: expect.any(Array)})
		expect(await asked('why', 'BTCUSDT', '--at', '2999-01-01')).toMatchObject({
			code: 2,
			message: '--at 2999-01-01: lies in the future',
		})
	})

	it.each([
		['BTCUSDX', 'unknown symbol: BTCUSDX', 'did you mean BTCUSDT?'],
		['../etc', 'symbol "../etc": expected an id of the venue', 'qt universe'],
		['constructor', 'symbol "constructor": expected an id of the venue', 'qt universe'],
	])('why refuses %s', async (symbol, message, hint) => {
		const answer = await asked('why', symbol)
		expect(answer).toMatchObject({
			code: 2,
			message: expect.stringContaining(message),
			hint: expect.stringContaining(hint),
		})
	})
}

export const flowWhileTrading = (systemOf: () => RunningSystem): void => {
	const {asked} = asking(systemOf)

	it('the flow adds up to what the audit of the flow counts over the same time', {timeout: LONG_MS}, async () => {
		const {data} = await asked('flow', '--minutes', '30')
		const rates = z
			.looseObject({
				asked: z.number(),
				from_ms: z.number(),
				until_ms: z.number(),
				rows: z.array(z.looseObject({total: z.number()})),
			})
			.parse(data)
		expect(rates.asked).toBeGreaterThan(0)
		expect(rates.rows.reduce((sum, {total}) => sum + total, 0)).toBe(rates.asked)
		const state = {bus: systemOf().bus, naming: systemOf().naming, url: ''}
		const audit = await readFlow(systemOf().home, state, rates.from_ms)
		const later = (await entriesOf(systemOf(), 'trade.intent')).filter(
			({stream_id}) => idTime(stream_id) > rates.until_ms,
		)
		const intents = audit.sources.find(({source}) => source === 'trade.intent')
		expect(intents?.asked).toBe(
			rates.asked + later.filter(({stream_id}) => idTime(stream_id) <= audit.record.until_ms).length,
		)
	})
}

export const traceWhileTrading = (systemOf: () => RunningSystem): void => {
	const {asked} = asking(systemOf)
	const opens = async () => {
		const [fills, intents, results, vectors] = await Promise.all(
			['exchange.normalized', 'trade.intent', 'apply.result', 'features'].map(name => entriesOf(systemOf(), name)),
		)
		for (const result of results?.toReversed() ?? []) {
			const fill = fills?.find(
				({client_order_id, kind}) => kind === 'fill' && client_order_id === `q-${result.plan_id}`,
			)
			const plan = (await entriesOf(systemOf(), 'apply.plan')).find(({plan_id}) => plan_id === result.plan_id)
			const intent = intents?.find(({id}) => id !== undefined && id === plan?.intent_id)
			const stop = fills?.find(({client_algo_id}) => client_algo_id !== undefined && client_algo_id !== '')
			const vector = vectors?.find(({id}) => id === intent?.signal_id)
			if (fill && plan && intent && vector && stop) return {fill, plan, intent, vector, stop}
		}
		return undefined
	}

	// The other ids on the way are tried over a small state, in test/daemon/client/trace.test.ts.
	it('a trace begins at any id on the way: tick, features, order, algo and trade', {timeout: LONG_MS}, async () => {
		const {fill, plan, intent, vector, stop} = await eventually(opens, {...patient, what: 'an order that was filled'})
		const ids = {
			tick: intent.cause,
			features: vector.id,
			order: fill.order_id,
			trade: fill.trade_id,
		}
		for (const [kind, id] of Object.entries(ids)) {
			const {code, data} = await asked('trace', id ?? '')
			expect([kind, code]).toEqual([kind, 0])
			const text = JSON.stringify(data)
			for (const part of ['market.tick', 'apply.plan', '"authority":"live"', '"latency_ms"', plan.plan_id ?? '?'])
				expect(text, `${kind} ${id}`).toContain(part)
		}
		expect((await asked('trace', stop.client_algo_id ?? '')).code).toBe(0)
		const mistyped = `${plan.plan_id?.slice(0, -1)}`
		expect(await asked('trace', mistyped)).toMatchObject({code: 1, hint: `did you mean ${plan.plan_id}?`})
	})
}
