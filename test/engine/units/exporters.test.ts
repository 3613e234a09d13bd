import {expect, test} from 'vitest'
import {keys} from '../../../src/engine/contracts/keys.js'
import {eventbusBridge} from '../../../src/engine/units/obs/eventbus-bridge.js'
import {harvestMetricsExporter} from '../../../src/engine/units/obs/harvest-metrics-exporter.js'
import {metricpackBuilder} from '../../../src/engine/units/obs/metricpack-builder.js'
import {safetyTelemetry} from '../../../src/engine/units/obs/safety-telemetry.js'
import {drive} from '../../support/drive.js'

type Unit = Awaited<ReturnType<typeof drive>>
const countsOf = ({bus, naming}: Unit, unit: string): unknown => {
	const [text = '{}'] = Object.values(bus.store.hashAll(naming.key(keys.unitState, {unit})))
	return JSON.parse(text)
}
const result = {
	plan_id: 'plan-1',
	symbol: 'BTCUSDT',
	action: 'OPEN',
	decision: 'EXECUTED',
	executed: true,
	reduce_only: false,
}
const harvest = {
	...{symbol: 'BTCUSDT', opened_ms: 1, action: 'HARVEST_PARTIAL', r: 0.6, r_usdt: '5', reason: 'r'},
}

test('safety-telemetry counts verdicts by reason, alerts by code, rules that broke; shadows are not counted', async () => {
	const unit = await drive(safetyTelemetry)
	const verdict = {plan_id: 'plan-1', symbol: 'BTCUSDT', verdict: 'REFUSE', reason: 'KILLED'}
	for (const _ of [1, 2]) await unit.send('verdict', verdict)
	await unit.send('verdict', verdict, {authority: 'shadow'})
	await unit.send('alert', {severity: 'warning', code: 'DEAD_LETTER', subject: 'x', message: ''})
	await unit.send('bsc', {state: 'TRIPPED', rule: 'POSITIONS', used: '11', limit: '10', killed: true})
	await unit.send('heat', {symbol: 'BTCUSDT', plans_per_hour: 3, limit_per_hour: 6, heat: 0.5})
	expect(countsOf(unit, 'safety-telemetry')).toEqual({
		verdicts: {'{"verdict":"REFUSE","reason":"KILLED"}': 2},
		alerts: {'{"severity":"warning","code":"DEAD_LETTER"}': 1},
		bsc: {'{"rule":"POSITIONS","state":"TRIPPED","killed":"true"}': 1},
		heat: {BTCUSDT: 0.5},
	})
})

test('harvest-metrics-exporter tells harvests from other orders', async () => {
	const unit = await drive(harvestMetricsExporter)
	await unit.send('proposal', {proposal_id: 'p', ...harvest})
	await unit.send('suggestion', {suggestion_id: 's', sent: false, ...harvest})
	await unit.send('result', result)
	await unit.send('result', {...result, action: 'MOVE_SL_BE'})
	expect(countsOf(unit, 'harvest-metrics-exporter')).toEqual({
		proposals: {'{"action":"HARVEST_PARTIAL"}': 1},
		suggestions: {'{"action":"HARVEST_PARTIAL","sent":"false"}': 1},
		results: {'{"action":"MOVE_SL_BE","decision":"EXECUTED"}': 1},
	})
})

test('metricpack-builder adds up the parts of the PnL exactly, and packs once at a time', async () => {
	const unit = await drive(metricpackBuilder)
	const attribution = {
		...{trade_id: 't', symbol: 'BTCUSDT', opened_ms: 1, closed_ms: 2, net_pnl: '0.3', measured_share: 1},
		...{left_out: ['regime'], parts: {strategy: '0.4', fees: '-0.1'}},
	}
	for (const _ of [1, 2, 3]) await unit.send('attribution', attribution)
	await unit.send('result', result)
	expect(countsOf(unit, 'metricpack-builder')).toMatchObject({
		...{attributed: 3, parts: {strategy: '1.2', fees: '-0.3'}},
		results: {'{"decision":"EXECUTED","action":"OPEN"}': 1},
	})
	for (const _ of [1, 2]) await unit.timer('hour')
	expect(unit.effects).toHaveLength(1)
	await unit.result('pack', {ok: false, error: 'ENOSPC'})
	await unit.timer('hour')
	expect(unit.effects).toHaveLength(1)
})

test('eventbus-bridge counts what passes and tells of losses in its own events, once a minute', async () => {
	const unit = await drive(eventbusBridge)
	await unit.send('alert', {severity: 'warning', code: 'X', subject: 's', message: ''})
	const told = await unit.feed('loss', ...['one', 'two', 'three'].map(detail => ({kind: 'GAP', detail})))
	expect(told.map(({payload: {event, detail}}) => `${event} ${detail}`)).toEqual(['BRIDGE_GAP one'])
	unit.clock.advance(60_000)
	const later = await unit.feed('loss', {kind: 'SLOW_CLIENT', detail: 'four'})
	expect(later.map(({payload: {event, detail}}) => `${event} ${detail}`)).toEqual([
		'BRIDGE_SLOW_CLIENT four; 2 others since the last such event',
	])
	expect(countsOf(unit, 'eventbus-bridge')).toMatchObject({
		...{entries: {'{"stream":"alerts"}': 1}, losses: {'{"kind":"GAP"}': 3, '{"kind":"SLOW_CLIENT"}': 1}},
	})
})
