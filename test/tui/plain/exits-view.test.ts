import {describe, expect, it} from 'vitest'
import {exitsOf} from '../../../src/daemon/client/exits.js'
import {defaultPolicy} from '../../../src/engine/contracts/policy.js'
import {plainPaint} from '../../../src/tui/plain/colour.js'
import {exitsView} from '../../../src/tui/plain/exits-view.js'
import {widthOf} from '../../../src/tui/plain/width.js'

const snapshot = {
	amount: '0.003',
	entry_price: '50000',
	opened_ms: '1000',
	opened_by: 'trading-bot',
	leverage: '3',
	stop_resting: 'true',
	stop_price: '50050',
	stop_client_id: 's-1',
	initial_stop_price: '48500',
}
const said = {
	opened_ms: '1000',
	price: '50600',
	gain: '0.012',
	margin_gain: '0.036',
	distance: '0.009',
	internal_stop_price: '50050',
	targets: '["50450","50675","51125"]',
	targets_taken: '1',
	skipped: '0',
	trail_price: '50200',
	best_price: '50600',
	loss_max_price: '48333.33333',
	emergency_price: '47916.66667',
	kill_score: '0.12',
	parts: '{"volatility":0.1,"trend":0.2,"age":0.2,"excursion":0}',
	venue_ms: '60000',
	machine_ms: '5000',
}
const now = {machine_ms: 8_000, venue_ms: 70_000, speed: 1}
const read = (changes: Partial<typeof snapshot> = {}, word: Readonly<Record<string, string>> = said, at = now) =>
	exitsOf('BTCUSDT', {...snapshot, ...changes}, word, defaultPolicy, at)
const shown = (view = read(), width = Number.POSITIVE_INFINITY) => exitsView(view, plainPaint, width)

describe('the exit of a position', () => {
	it('shows every level, what was taken, and who owns it', () => {
		expect(shown().split('\n')).toEqual([
			'BTCUSDT LONG 0.003 at 50000 at 3x, opened by trading-bot, held for 1 min 9 s of venue time',
			'at 50600: +1.2 % of price, +3.6 % of margin',
			'limits: max loss 48333.33333, emergency 47916.66667',
			'trailing: closes at 50200, best 50600',
			'kill score 0.12, closes from 0.65: volatility 0.1, trend 0.2, age 0.2, excursion 0',
			'stops: initial 48500, internal 50050, at the venue 50050',
			'owner: exitbrain, exitbrain spoke 3.0 s ago',
			'',
			'TARGET  PRICE  FROM ENTRY',
			'     1  50450      +0.9 %  taken',
			'     2  50675     +1.35 %  next',
			'     3  51125     +2.25 %',
		])
	})

	it.each([
		['flat', read({amount: '0'}), 'BTCUSDT is flat: there is nothing to exit'],
		['without a word', read({}, {}), 'owner: exit-monitor, since exitbrain has not spoken of it'],
		['a word of an earlier position', read({opened_ms: '2000'}), 'owner: exit-monitor, since exitbrain has not'],
		['silent for 30 s', read({}, said, {...now, venue_ms: 90_001}), 'owner: exit-monitor, since exitbrain spoke 3.0 s'],
		['at speed later', read({}, said, {...now, venue_ms: 90_001, speed: 60}), 'owner: exitbrain, '],
		['no stop', read({stop_resting: 'false'}), 'none rests at the venue'],
		['closing', read({}, {...said, closing: 'stop'}), 'closing: stop'],
		['skipped', read({}, {...said, skipped: '1'}), '1 of them closed nothing'],
		['a short', read({amount: '-0.003'}), 'BTCUSDT SHORT -0.003 at 50000'],
	])('%s', (_, view, expected) => {
		expect(shown(view)).toContain(expected)
	})

	it('is stale only when the owner fell silent', () => {
		expect(read()).toMatchObject({stale: false, owner: 'exitbrain'})
		expect(read({}, {})).toMatchObject({stale: false, owner: 'exit-monitor', exit: null})
		expect(read({}, said, {...now, venue_ms: 90_001})).toMatchObject({stale: true, owner: 'exit-monitor'})
	})

	it('fits a narrow terminal', () => {
		for (const line of shown(read(), 60).split('\n')) expect(widthOf(line)).toBeLessThanOrEqual(60)
	})

	it('a record that the owner does not write is an error, not an exit', () => {
		expect(() => read({}, {...said, targets: 'none'})).toThrow()
	})
})
