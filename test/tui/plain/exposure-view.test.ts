import {describe, expect, it} from 'vitest'
import {EXPOSURE_STALE_MS, exposureOf} from '../../../src/daemon/client/exposure.js'
import {defaultPolicy} from '../../../src/engine/contracts/policy.js'
import {plainPaint} from '../../../src/tui/plain/colour.js'
import {exposureView} from '../../../src/tui/plain/exposure-view.js'
import {widthOf} from '../../../src/tui/plain/width.js'

const position = {
	symbol: 'BTCUSDT',
	amount: '0.002',
	entry_price: '100000',
	price: '110000',
	notional_usdt: '220',
	unrealised_pnl: '20',
	price_ms: 50_000,
}
const short = {
	...position,
	symbol: '币安人生USDT',
	amount: '-1000',
	price: '0.08',
	notional_usdt: '-80',
	price_ms: 40_000,
}
const fields = {
	equity_usdt: '1020',
	wallet_usdt: '1000',
	unrealised_pnl: '20',
	gross_usdt: '300',
	net_usdt: '140',
	exposure_ratio: '0.294118',
	open_positions: '2',
	price_ms: '40000',
	venue_ms: '59000',
	machine_ms: '1000',
	positions: JSON.stringify([position, short]),
}
const now = {machine_ms: 3_000, venue_ms: 60_000}
const read = (changes: Record<string, string> = {}, at = now) => exposureOf({...fields, ...changes}, defaultPolicy, at)

describe('exposure', () => {
	it('is compared with each limit, as a whole and per symbol', () => {
		expect(read()).toMatchObject({
			limits: [
				{name: 'notional_total_usdt', used: '300', limit: '2000', share: 0.15},
				{name: 'positions_max', used: '2', limit: '10', share: 0.2},
			],
			positions: [
				{symbol: 'BTCUSDT', side: 'LONG', share: 0.7333, share_of_trade: 1.1, price_age_ms: 10_000},
				{symbol: '币安人生USDT', side: 'SHORT', share: 0.2667, share_of_trade: 0.4, price_age_ms: 20_000},
			],
			age_ms: 2_000,
			price_age_ms: 20_000,
			stale: false,
		})
	})

	it('of nothing has no age of prices and no share', () => {
		const {exposure_ratio: _, ...others} = fields
		const flat = {...others, gross_usdt: '0', net_usdt: '0', price_ms: '0', positions: '[]'}
		expect(exposureOf(flat, defaultPolicy, now)).toMatchObject({
			positions: [],
			price_age_ms: null,
			exposure_ratio: null,
			limits: [{share: 0}, {share: 0}],
		})
	})

	it.each([
		[EXPOSURE_STALE_MS, false],
		[EXPOSURE_STALE_MS + 1, true],
	])('that was confirmed %i ms ago is stale: %s', (age_ms, stale) => {
		expect(read({}, {...now, machine_ms: 1_000 + age_ms}).stale).toBe(stale)
	})

	it('without the venue’s time says that ages are unknown', () => {
		const view = exposureOf(fields, defaultPolicy, {...now, venue_ms: null})
		expect(view.positions.map(({price_age_ms}) => price_age_ms)).toEqual([null, null])
		expect(exposureView(view, plainPaint)).toMatch(/BTCUSDT.*unknown/)
	})

	it('is not made of a record that is not one', () => {
		expect(() => read({positions: '[{"symbol":"BTCUSDT"}]'})).toThrow('amount')
		expect(() => read({machine_ms: 'soon'})).toThrow('machine_ms')
	})

	it.each([40, 80, 120])('at %i cells keeps symbol, notional and what is left of the limits', width => {
		const shown = exposureView(read(), plainPaint, width)
		expect(Math.max(...shown.split('\n').map(widthOf))).toBeLessThanOrEqual(width)
		expect(shown).toMatch(/BTCUSDT.*\+220/)
		expect(shown).toMatch(/币安人生USDT.*-80/)
		expect(shown).toContain('notional_total_usdt: 300 of 2000, 15.0 %')
	})

	it('says everything where there is room', () => {
		expect(exposureView(read(), plainPaint)).toBe(
			[
				'gross 300 USDT, net +140 USDT, 29.4 % of equity',
				'equity 1020 USDT = wallet 1000 and unrealised +20',
				'notional_total_usdt: 300 of 2000, 15.0 %',
				'positions_max: 2 of 10, 20.0 %',
				'confirmed 2.0 s ago, oldest price 20.0 s of venue time old',
				'',
				'SYMBOL        SIDE   AMOUNT   PRICE  NOTIONAL  UNREALISED  OF GROSS  OF TRADE      PRICED',
				'BTCUSDT       LONG    0.002  110000      +220         +20    73.3 %   110.0 %  10.0 s ago',
				'币安人生USDT  SHORT   -1000    0.08       -80         +20    26.7 %    40.0 %  20.0 s ago',
			].join('\n'),
		)
	})
})
