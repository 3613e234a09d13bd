import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import type {ConsumerRow, GroupFacts} from '../../../src/engine/logic/stream-backlog.js'
import {type Health, type HealthRules, judge, WINDOW_LEAST} from '../../../src/engine/logic/stream-health.js'
import {type GroupSample, ratesOf, windowOf} from '../../../src/engine/logic/stream-window.js'

const RULES: HealthRules = {backlog_max: 100, loss_allowed: false}
const READER: ConsumerRow = {name: 'a.unit.0', pending: 0, idle_ms: 10}
const facts = (of: Partial<GroupFacts> = {}): GroupFacts => {
	const undelivered = of.undelivered === undefined ? 0 : of.undelivered
	return {
		group: 'g',
		last_delivered_id: '100-0',
		acknowledged_id: of.last_delivered_id ?? '100-0',
		entries_read: 10,
		reported_lag: 0,
		undelivered,
		undelivered_min: undelivered ?? 1_000,
		undelivered_exact: undelivered !== null,
		lost: 0,
		oldest_undelivered: undelivered === 0 ? null : {id: '101-0', age_ms: 50},
		pending: 0,
		oldest_pending: null,
		consumers: [READER],
		...of,
	}
}
type Step = Readonly<{group?: Partial<GroupFacts>; added?: number | null; last?: string; alive?: boolean | null}>
const sample = (step: Step, index: number): GroupSample => ({
	at_ms: 1_000_000 + index * 1_000,
	added: step.added === undefined ? 10 : step.added,
	last_generated_id: step.last ?? '200-0',
	group: facts(step.group),
	reader_alive: step.alive === undefined ? true : step.alive,
})
const judged = (steps: readonly Step[], rules = RULES) => judge(steps.map(sample), rules)
const three = (step: Step): readonly Step[] => [step, step, step]
const at = (id: number): string => `${id}-0`
const pending = {id: '90-0', consumer: 'a.unit.0', idle_ms: 100, deliveries: 1, age_ms: 500, trimmed: false}

const table: ReadonlyArray<readonly [name: string, steps: readonly Step[], status: Health, reason: string]> = [
	['nothing was seen', [], 'UNKNOWN', 'it was not seen'],
	['one sample of a healthy group', [{}], 'UNKNOWN', '1 samples over 0.0 s say too little'],
	['nothing comes, nothing waits', three({}), 'IDLE', 'nothing came, nothing waits'],
	[
		'the same without its unit',
		three({alive: false}),
		'IDLE',
		'nothing came, nothing waits, and its unit does not run',
	],
	[
		'all that comes is taken at once',
		[1, 2, 3].map(n => ({added: n, last: at(n), group: {last_delivered_id: at(n)}})),
		'OK',
		'it has everything',
	],
	[
		'a backlog that falls',
		[9, 6, 3].map((n, k) => ({
			added: 20,
			group: {undelivered: n, last_delivered_id: at(k), oldest_undelivered: {id: '1-0', age_ms: 5_000}},
		})),
		'OK',
		'it keeps up',
	],
	[
		'a backlog that never falls while it works',
		[3, 3, 5].map((n, k) => ({
			group: {undelivered: n, last_delivered_id: at(k), oldest_undelivered: {id: '1-0', age_ms: 4_000}},
		})),
		'WARN',
		'5 undelivered and 0 pending, 4.0 s behind and not catching up',
	],
	[
		'the same, younger than the pipeline takes',
		[3, 3, 5].map((n, k) => ({group: {undelivered: n, last_delivered_id: at(k)}})),
		'OK',
		'it keeps up',
	],
	[
		'more than its contract allows, though it falls',
		[400, 300, 101].map((n, k) => ({group: {undelivered: n, last_delivered_id: at(k)}})),
		'WARN',
		'101 undelivered and 0 pending, its limit is 100',
	],
	[
		'a backlog that was nothing once',
		[{group: {undelivered: 3}}, {group: {undelivered: 0}}, {group: {undelivered: 3}}],
		'OK',
		'it keeps up',
	],
	[
		'entries wait and no cursor moves',
		three({group: {undelivered: 4}}),
		'STALL',
		'4 undelivered and 0 pending, and nothing has moved for 2.0 s',
	],
	[
		'an unknown number waits and no cursor moves',
		three({group: {undelivered: null}}),
		'STALL',
		'at least 1000 undelivered and 0 pending, and nothing has moved',
	],
	[
		'one batch is under way',
		three({group: {pending: 2, oldest_pending: pending, acknowledged_id: at(89)}}),
		'OK',
		'it keeps up',
	],
	[
		'one batch is under way for longer than a commit may take',
		[1, 2, 3, 4, 5, 6].map(() => ({group: {pending: 2, oldest_pending: pending, acknowledged_id: at(89)}})),
		'STALL',
		'0 undelivered and 2 pending, and nothing has moved for 5.0 s',
	],
	[
		'entries wait and the unit does not run, seen once',
		[{alive: false, group: {undelivered: 4}}],
		'STOP',
		'4 undelivered and 0 pending, and its unit does not run',
	],
	[
		'nobody declares it and it has no consumer',
		three({alive: null, group: {undelivered: 4, consumers: []}}),
		'STOP',
		'and it has no consumer',
	],
	[
		'its consumers were silent for longer than the window',
		three({alive: null, group: {undelivered: 4, consumers: [{...READER, idle_ms: 9_000}]}}),
		'STOP',
		'and no consumer has read for 9.0 s',
	],
	[
		'its cursor went back',
		[{group: {last_delivered_id: at(50)}}, {group: {last_delivered_id: at(20)}}],
		'REWIND',
		'its cursor went back from 50-0 to 20-0',
	],
	[
		'its cursor went back and came again as far',
		[at(50), at(20), at(60)].map(last_delivered_id => ({group: {last_delivered_id}})),
		'OK',
		'it has everything',
	],
	[
		'an entry pending for longer than any handler takes',
		[{group: {pending: 1, oldest_pending: {...pending, idle_ms: 40_000}}}],
		'STUCK',
		'90-0 was given to a.unit.0 once, the last time 40.0 s ago',
	],
	[
		'an entry given out again and again',
		[{group: {pending: 1, oldest_pending: {...pending, deliveries: 5}}}],
		'STUCK',
		'90-0 was given to a.unit.0 5 times',
	],
	[
		'a pending entry that was trimmed away',
		[{group: {pending: 1, oldest_pending: {...pending, trimmed: true}}}],
		'STUCK',
		'90-0 is pending for a.unit.0 and not on the stream any more',
	],
	['a drained group that lost entries', three({group: {lost: 5}}), 'LOST', '5 entries removed before it had them'],
	[
		'a consumer deleted with what it held',
		[{group: {pending: 3, consumers: [READER, {name: 'dead', pending: 3, idle_ms: 9}]}}, {group: {pending: 0}}],
		'LOST',
		'a consumer was deleted with 3 entries that it had not acknowledged',
	],
	[
		'a consumer deleted after another took over what it held',
		[
			{group: {pending: 3, consumers: [READER, {name: 'dead', pending: 3, idle_ms: 9}]}},
			{group: {pending: 3, consumers: [{...READER, pending: 3}]}},
			{group: {pending: 3, consumers: [{...READER, pending: 3}], acknowledged_id: at(99)}},
		],
		'OK',
		'it keeps up',
	],
	[
		'more than can be counted, and it moves',
		[1, 2, 3].map(n => ({group: {undelivered: null, undelivered_min: 50, last_delivered_id: at(n)}})),
		'UNKNOWN',
		'at least 50 undelivered; how many, the server does not say',
	],
	[
		'a stream that began anew: what was before says nothing',
		[{last: at(900)}, {last: at(900)}, {last: at(900)}, {last: at(5), added: 1}],
		'UNKNOWN',
		'1 samples over 0.0 s say too little',
	],
]

it.each(table)('%s', (_, steps, status, reason) => {
	const judgement = judged(steps)
	expect(judgement).toMatchObject({status, reason: expect.stringContaining(reason)})
})

it('telemetry may lose what nobody had read', () => {
	expect(judged(three({group: {lost: 5}}), {...RULES, loss_allowed: true}).status).toBe('IDLE')
})

describe('rates', () => {
	it('are entries per second over the window, with how far behind and for how long', () => {
		const steps = [
			{added: 100, group: {entries_read: 40, undelivered: 60}},
			{added: 110, group: {entries_read: 80, undelivered: 30}},
			{added: 120, group: {entries_read: 100, undelivered: 20, oldest_undelivered: {id: '1-0', age_ms: 7_000}}},
		]
		expect(ratesOf(steps.map(sample))).toEqual({
			...{samples: 3, span_ms: 2_000, in_per_s: 10, out_per_s: 30, behind_ms: 7_000, drain_ms: 1_000},
		})
	})

	it('rest on what waits where the server does not count what was read', () => {
		const steps = [
			{added: 100, group: {entries_read: null, undelivered: 60}},
			{added: 120, group: {entries_read: 100, undelivered: 20}},
		]
		expect(ratesOf(steps.map(sample))).toMatchObject({in_per_s: 20, out_per_s: 60})
	})

	it('are unknown where nothing says them, which is not 0', () => {
		const steps = [
			{added: null, group: {entries_read: null, undelivered: null, oldest_undelivered: {id: '9-0', age_ms: null}}},
			{added: null, group: {entries_read: null, undelivered: null, oldest_undelivered: {id: '9-0', age_ms: null}}},
		]
		expect(ratesOf(steps.map(sample))).toMatchObject({
			...{in_per_s: null, out_per_s: null, behind_ms: null, drain_ms: null},
		})
		expect(ratesOf([])).toMatchObject({samples: 0, in_per_s: null, behind_ms: null})
	})
})

describe('whatever was seen', () => {
	const count = fc.integer({min: 0, max: 300})
	const id = fc.integer({min: 0, max: 300}).map(at)
	const step: fc.Arbitrary<Step> = fc.record({
		added: fc.option(count, {nil: null}),
		last: id,
		alive: fc.option(fc.boolean(), {nil: null}),
		group: fc.record({
			last_delivered_id: id,
			acknowledged_id: id,
			entries_read: fc.option(count, {nil: null}),
			undelivered: fc.option(count, {nil: null}),
			lost: fc.option(count, {nil: null}),
			pending: count,
			oldest_pending: fc.option(
				fc.record({
					...{id, consumer: fc.constant('c'), idle_ms: fc.integer({min: 0, max: 60_000})},
					...{deliveries: fc.integer({min: 1, max: 9}), age_ms: fc.option(count, {nil: null}), trimmed: fc.boolean()},
				}),
				{nil: null},
			),
			consumers: fc.array(fc.record({name: fc.constantFrom('a', 'b'), pending: count, idle_ms: count}), {maxLength: 2}),
		}),
	})
	const steps = fc.array(step, {maxLength: 8})

	it('nothing good is said of too little, of the unknown, of what is lost or of what nobody reads', () => {
		fc.assert(
			fc.property(steps, all => {
				const {status, samples, span_ms, reason} = judged(all)
				expect(reason).not.toBe('')
				if (status !== 'OK' && status !== 'IDLE') return
				const last = all.at(-1)
				expect(samples).toBeGreaterThanOrEqual(WINDOW_LEAST.samples)
				expect(span_ms).toBeGreaterThanOrEqual(WINDOW_LEAST.span_ms)
				expect(last?.group?.undelivered).not.toBeNull()
				expect(last?.group?.lost ?? 0).toBe(0)
				const waiting = (last?.group?.undelivered ?? 0) + (last?.group?.pending ?? 0)
				expect(waiting).toBeLessThanOrEqual(RULES.backlog_max ?? 0)
				if (waiting > 0) expect(last?.alive).not.toBe(false)
			}),
		)
	})

	it('no rate is below nothing, and a window begins where the stream did', () => {
		fc.assert(
			fc.property(steps, all => {
				const samples = all.map(sample)
				const window = windowOf(samples)
				expect(samples.slice(samples.length - window.length)).toEqual(window)
				const {in_per_s, out_per_s, drain_ms, behind_ms} = ratesOf(window)
				for (const value of [in_per_s, out_per_s, drain_ms, behind_ms]) expect(value ?? 0).toBeGreaterThanOrEqual(0)
			}),
		)
	})
})
