import {describe, expect, test} from 'vitest'
import {defaultPolicy} from '../../../src/engine/contracts/policy.js'
import {applyResult} from '../../../src/engine/contracts/streams/trade.js'
import {contractReading} from '../../../src/engine/logic/contract-reading.js'
import {type HealthReading, healthProblems} from '../../../src/engine/logic/health.js'
import {openingOrders} from '../../../src/engine/logic/planless-orders.js'

const NOW = 1_750_000_000_000
const TWO_HOURS = 7_200_000
const now = {now_ms: NOW, machine_ms: NOW, speed: 1, policy: defaultPolicy, armed_venue_ms: NOW - 2 * TWO_HOURS}
const running = [{name: 'reconcile-engine', state: 'RUNNING', reason: null}]
const well: HealthReading = {
	...{units: running, reconciled_ms: NOW - 1_000, armed: true, decided_venue_ms: NOW - TWO_HOURS},
	...{unplanned: [], cursor: '0-0'},
	redis: {answer_ms: 3, aof_write: 'ok', aof_enabled: true, maxmemory_policy: 'noeviction'},
}
const codes = (change: Partial<HealthReading>, at: Partial<typeof now> = {}) =>
	healthProblems({...well, ...change}, {...now, ...at}).map(({code, subject}) => `${code} ${subject}`)

describe('health', () => {
	test('nothing is wrong with a system that is well', () => expect(codes({})).toEqual([]))

	test.each<[string, Partial<HealthReading>]>([
		['DAEMON_SILENT daemon', {units: undefined}],
		['UNIT_FAILED governor', {units: [...running, {name: 'governor', state: 'FAILED', reason: 'gave up'}]}],
		['UNIT_NOT_READY governor', {units: [...running, {name: 'governor', state: 'STARTING', reason: null}]}],
		['UNIT_SILENT governor', {units: [...running, {name: 'governor', state: 'RUNNING', reason: null, stale_ms: 9}]}],
		['REDIS_SLOW redis', {redis: {...well.redis, answer_ms: 1_001}}],
		['REDIS_WRITE_FAILED redis', {redis: {...well.redis, aof_write: 'err'}}],
		['REDIS_NOT_DURABLE redis', {redis: {...well.redis, aof_enabled: false}}],
		['REDIS_EVICTS redis', {redis: {...well.redis, maxmemory_policy: 'allkeys-lru'}}],
		['VENUE_UNPROVEN venue', {reconciled_ms: NOW - defaultPolicy.reconcile_stale_machine_ms - 1}],
		['NO_DECISION pipeline', {decided_venue_ms: NOW - TWO_HOURS - 1}],
		['NO_DECISION pipeline', {decided_venue_ms: undefined}],
	])('%s', (code, change) => expect(codes(change)).toEqual([code]))

	test('nobody waits for decisions of a system that is not armed, was armed lately, or whose bars are long', () => {
		const silent = {decided_venue_ms: undefined}
		expect(codes({...silent, armed: false})).toEqual([])
		expect(codes(silent, {armed_venue_ms: NOW - TWO_HOURS})).toEqual([])
		expect(codes(silent, {policy: {...defaultPolicy, bar: '1h'}})).toEqual([])
		// At this speed the machine's own delays are longer than the bars.
		expect(codes(silent, {speed: TWO_HOURS})).toEqual([])
	})
})

test('only orders of ours that can open a position must have a plan', () => {
	const of = (client_order_id: string, more: Readonly<Record<string, string>> = {}) => ({
		fields: {kind: 'order', symbol: 'BTCUSDT', client_order_id, reduce_only: 'false', ...more},
	})
	const entries = [of('q-plan-1'), of('q-plan-1'), of('q-plan-2', {reduce_only: 'true'}), of('s-plan-3'), of('web_1')]
	expect(openingOrders([...entries, of('q-plan-4', {kind: 'fill'})])).toEqual([
		{client_id: 'q-plan-1', symbol: 'BTCUSDT', plan_id: 'plan-1'},
	])
})

test('a contract is checked as its readers read', () => {
	const fields = {
		plan_id: 'p',
		symbol: 'BTCUSDT',
		action: 'OPEN',
		decision: 'SKIP',
		executed: 'false',
		reduce_only: '0',
	}
	const whole = {id: '3-0', fields}
	const broken = {id: '2-0', fields: {...fields, action: 'JUMP'}}
	expect(contractReading(applyResult, [whole, broken, {...broken, id: '1-0'}])).toEqual({
		...{stream: 'apply.result', looked_at: 3, broken: 2},
		first: {entry_id: '2-0', detail: expect.stringContaining('CONTRACT_BROKEN: action: ')},
	})
	expect(contractReading(applyResult, [whole])).toEqual({stream: 'apply.result', looked_at: 1, broken: 0})
})
