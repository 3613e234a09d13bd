import * as fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {type Counts, counted, countSamples, exposition, type Metric} from '../../../src/engine/logic/prometheus.js'
import {limitMetrics, safetyMetrics} from '../../../src/engine/logic/safety-metrics.js'
import {type StreamFacts, streamFacts} from '../../../src/engine/logic/stream-backlog.js'
import {streamMetrics} from '../../../src/engine/logic/stream-metrics.js'
import {parseExposition} from '../../support/prometheus.js'

const read = (metrics: readonly Metric[]) => parseExposition(exposition(metrics))
const samplesOf = (metrics: readonly Metric[], name: string) => read(metrics).get(name)?.samples

describe('the text', () => {
	test('stands as Prometheus has it', () => {
		const help = 'What a \\ and\na line are'
		expect(
			exposition([{name: 'a_total', type: 'counter', help, samples: [{labels: {b: 'c "d"\n\\'}, value: 2}]}]),
		).toBe('# HELP a_total What a \\\\ and\\na line are\n# TYPE a_total counter\na_total{b="c \\"d\\"\\n\\\\"} 2\n')
	})

	test('says the same to a strict reader, whatever labels hold', () => {
		const samples = fc.uniqueArray(
			fc.record({labels: fc.record({one: fc.string({unit: 'grapheme'})}), value: fc.double()}),
			{
				minLength: 1,
				selector: ({labels}) => labels.one,
			},
		)
		fc.assert(
			fc.property(samples, fc.string(), (of, help) => {
				const found = read([{name: 'qt_x', type: 'gauge', help, samples: of}]).get('qt_x')
				// A number has no sign of its zero in the text.
				const plain = of.map(({labels, value}) => ({labels: {...labels}, value: value === 0 ? 0 : value}))
				expect(found).toEqual({name: 'qt_x', type: 'gauge', help, samples: plain})
			}),
		)
	})

	test('leaves out what has no sample, keeps the first of two, and refuses what is no metric', () => {
		const of = (name: string, ...values: readonly number[]): Metric => ({
			name,
			type: 'gauge',
			help: 'x',
			samples: values.map(value => ({value})),
		})
		expect(exposition([of('a'), of('b', 1), of('b', 2)])).toBe('# HELP b x\n# TYPE b gauge\nb 1\n')
		expect(() => exposition([of('a b', 1)])).toThrow('a b is no name of a metric')
		expect(() => exposition([of('a', 1), {...of('a', 1), type: 'counter'}])).toThrow('a is a gauge and a counter')
	})
})

test('a counter whose labels never end counts the rest together', () => {
	const counts = Array.from({length: 250}, (_, index) => ({code: `c${index}`})).reduce<Counts>(counted, {})
	expect(countSamples(counts)).toHaveLength(201)
	expect(countSamples(counts)).toContainEqual({labels: {code: 'other'}, value: 50})
})

describe('streams', () => {
	const group = {
		...{name: 'g', last_delivered_id: '5-0', entries_read: null, lag: null, pending: 2, oldest_pending: null},
		...{next_id: '6-0', counted: 3, counted_all: true, consumers: [{name: 'c', pending: 2, idle_ms: 1_500}]},
	}
	const facts = (change: Partial<typeof group> = {}): StreamFacts & {stream: string} => ({
		stream: 'quantum:stream:x',
		...streamFacts({
			...{at_ms: 2_006, length: 9, added: null, first_id: '1-0', newest_id: '8-0', last_generated_id: '8-0'},
			...{max_deleted_id: null, groups: [{...group, ...change}]},
		}),
	})
	const of = {db: 'db0', stream: 'quantum:stream:x', group: 'g'}

	test('bear the names of redis_exporter; consumers only when asked for', () => {
		const metrics = streamMetrics([facts()], {consumers: false})
		expect(samplesOf(metrics, 'redis_stream_length')).toEqual([{labels: {db: 'db0', stream: of.stream}, value: 9}])
		expect(samplesOf(metrics, 'redis_stream_group_lag')).toEqual([{labels: of, value: 3}])
		expect(samplesOf(metrics, 'redis_stream_group_lag_seconds')).toEqual([{labels: of, value: 2}])
		expect(samplesOf(metrics, 'redis_stream_group_messages_pending')).toEqual([{labels: of, value: 2}])
		expect([...read(metrics).keys()].filter(name => name.includes('consumer_'))).toEqual([])
		const all = streamMetrics([facts()], {consumers: true})
		expect(samplesOf(all, 'redis_stream_group_consumer_idle_seconds')).toEqual([
			{labels: {...of, consumer: 'c'}, value: 1.5},
		])
	})

	test('a lag that is not known is left out, and said to be unknown', () => {
		const metrics = streamMetrics([facts({counted_all: false})], {consumers: false})
		expect(samplesOf(metrics, 'redis_stream_group_lag')).toBeUndefined()
		expect(samplesOf(metrics, 'redis_stream_group_lag_known')).toEqual([{labels: of, value: 0}])
	})
})

describe('safety', () => {
	const nothing = {
		...{kill: undefined, arm: {}, execution: undefined, ess: {}, ess_watch: {}, bsc: {}, reconcile: {}},
		...{blocked_symbols: 0, machine_ms: 10_000},
	}

	test('what is missing says stop, and no state', () => {
		expect([...read(safetyMetrics(nothing)).keys()]).toEqual(['qt_kill', 'qt_blocked_symbols'])
		expect(samplesOf(safetyMetrics(nothing), 'qt_kill')).toEqual([{labels: {}, value: 1}])
		expect(samplesOf(safetyMetrics({...nothing, kill: '0'}), 'qt_kill')).toEqual([{labels: {}, value: 1}])
	})

	test('one state of each is 1, and each watch has its age', () => {
		const ess = {state: 'WARNING', machine_ms: '7500'}
		const metrics = safetyMetrics({...nothing, kill: '0', arm: {armed: '1', epoch: '4'}, ess})
		expect(samplesOf(metrics, 'qt_kill')).toEqual([{labels: {}, value: 0}])
		expect(samplesOf(metrics, 'qt_ess')?.filter(({value}) => value === 1)).toEqual([
			{labels: {state: 'WARNING'}, value: 1},
		])
		expect(samplesOf(metrics, 'qt_watch_age_seconds')).toEqual([{labels: {watch: 'ess'}, value: 2.5}])
	})

	test('a limit without a use has none', () => {
		const metrics = limitMetrics([
			{name: 'positions_max', used: '3', limit: '10', share: 0.3},
			{name: 'leverage_max', used: null, limit: '10', share: null},
		])
		expect(samplesOf(metrics, 'qt_limit')).toHaveLength(2)
		expect(samplesOf(metrics, 'qt_limit_used_ratio')).toEqual([{labels: {limit: 'positions_max'}, value: 0.3}])
	})
})
