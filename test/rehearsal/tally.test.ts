import {expect, it} from 'vitest'
import {alerts} from '../../src/engine/contracts/streams/ops.js'
import {governorEvents, tradeClosed} from '../../src/engine/contracts/streams/trade.js'
import {Tally, talliedStreams} from '../../src/rehearsal/tally.js'

it('counts what comes in parts as it would count it at once', () => {
	const verdicts = [
		{verdict: 'ALLOW', reason: 'ALLOW', plan: JSON.stringify({source: 'exitbrain', action: 'TRAIL_UPDATE'})},
		{verdict: 'REFUSE', reason: 'COOLDOWN'},
		{verdict: 'SETTLED', reason: 'FILLED'},
		{verdict: 'REFUSE', reason: 'COOLDOWN'},
	]
	const [whole, parts] = [new Tally(), new Tally()]
	whole.take(governorEvents.name, verdicts)
	for (const verdict of verdicts) parts.take(governorEvents.name, [verdict])
	expect(parts.counted).toEqual(whole.counted)
	expect(whole.counted).toMatchObject({
		governor: {ALLOW: 1, COOLDOWN: 2},
		allowed: {'exitbrain: TRAIL_UPDATE': 1},
		trades: 0,
		exits: {},
	})
})

it('adds trades up exactly', () => {
	const tally = new Tally()
	tally.take(tradeClosed.name, [{exit_reason: 'stop', net_pnl: '-0.1'}])
	tally.take(tradeClosed.name, [
		{exit_reason: 'trailing', net_pnl: '0.30000001'},
		{exit_reason: 'stop', net_pnl: '-0.2'},
	])
	expect(tally.counted).toMatchObject({trades: 3, net_usdt: '0.00000001', exits: {stop: 2, trailing: 1}})
	expect(talliedStreams).toContain(tradeClosed.name)
})

it('keeps when the emergency stop killed, and why', () => {
	const tally = new Tally()
	tally.take(alerts.name, [
		{code: 'ESS_WARNING', ts: '1', message: 'nearly'},
		{code: 'ESS_KILLED', ts: '1750000000000', message: 'too many orders failed'},
	])
	expect(tally.counted.kills).toEqual(['2025-06-15T15:06:40.000Z: too many orders failed'])
	expect(tally.counted.alerts).toEqual({ESS_WARNING: 1, ESS_KILLED: 1})
})
