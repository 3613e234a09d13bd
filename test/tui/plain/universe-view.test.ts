import {describe, expect, it} from 'vitest'
import {universeViewOf} from '../../../src/daemon/client/universe.js'
import {WATCH_SILENCE_MS} from '../../../src/engine/logic/watch-silence.js'
import {plainPaint} from '../../../src/tui/plain/colour.js'
import {universeView} from '../../../src/tui/plain/universe-view.js'
import {widthOf} from '../../../src/tui/plain/width.js'

const fields = {
	version: '3',
	machine_ms: '1000',
	币安人生USDT: JSON.stringify({
		open: false,
		reason: 'VOLUME_LOW',
		quote_volume_usdt: 900,
		spread_bps: 5,
		sector: 'memes',
	}),
	BTCUSDT: JSON.stringify({open: true, quote_volume_usdt: 1_250_000.7, spread_bps: 0.02, sector: 'store of value'}),
	GONEUSDT: JSON.stringify({open: false, reason: 'NOT_LISTED', quote_volume_usdt: 0}),
}

describe('universe', () => {
	it('says of each symbol whether it may open, and why not', () => {
		expect(universeViewOf(fields, 3_000)).toEqual({
			open: 1,
			version: 3,
			age_ms: 2_000,
			stale: false,
			symbols: [
				{symbol: 'BTCUSDT', open: true, quote_volume_usdt: 1_250_000.7, spread_bps: 0.02, sector: 'store of value'},
				{symbol: 'GONEUSDT', open: false, reason: 'NOT_LISTED', quote_volume_usdt: 0},
				{
					symbol: '币安人生USDT',
					open: false,
					reason: 'VOLUME_LOW',
					quote_volume_usdt: 900,
					spread_bps: 5,
					sector: 'memes',
				},
			],
		})
	})

	it.each([
		[WATCH_SILENCE_MS.universe, false],
		[WATCH_SILENCE_MS.universe + 1, true],
	])('that was read %i ms ago is stale: %s', (age_ms, stale) => {
		expect(universeViewOf(fields, 1_000 + age_ms).stale).toBe(stale)
	})

	it('is not made of a record that is not one', () => {
		expect(() => universeViewOf({...fields, BTCUSDT: '{"open":"maybe"}'}, 1)).toThrow('open')
		expect(() => universeViewOf({...fields, machine_ms: 'soon'}, 1)).toThrow('machine_ms')
	})

	it.each([40, 80, 120])('at %i cells keeps symbol and verdict', width => {
		const shown = universeView(universeViewOf(fields, 3_000), plainPaint, width)
		expect(Math.max(...shown.split('\n').map(widthOf))).toBeLessThanOrEqual(width)
		expect(shown).toMatch(/BTCUSDT +open/)
		expect(shown).toMatch(/币安人生USDT +exits only/)
	})

	it('says everything where there is room', () => {
		expect(universeView(universeViewOf(fields, 3_000), plainPaint)).toBe(
			[
				'1 of 3 symbols may open (policy version 3), venue read 2.0 s ago',
				'',
				'SYMBOL        MAY         24H VOLUME    SPREAD  SECTOR          WHY',
				'BTCUSDT       open           1250001  0.02 bps  store of value',
				'GONEUSDT      exits only           0   unknown  -               the venue does not list it',
				'币安人生USDT  exits only         900     5 bps  memes           too little is traded (universe.quote_volume_min_usdt)',
			].join('\n'),
		)
	})

	it('of an empty allowlist says that nothing opens', () => {
		const {version, machine_ms} = fields
		expect(universeView(universeViewOf({version, machine_ms}, 2_000), plainPaint)).toContain('nothing opens')
	})
})
