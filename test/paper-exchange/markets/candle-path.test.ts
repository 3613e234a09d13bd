import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {pricePath, volumePath} from '../../../src/paper-exchange/markets/candle-path.js'

const candles = fc
	.tuple(fc.array(fc.integer({min: 1, max: 1_000_000}), {minLength: 4, maxLength: 4}), fc.nat(10_000))
	.map(([prices, volume]) => {
		const [low = 1, one = 1, other = 1, high = 1] = prices.sort((left, right) => left - right)
		return {open: volume % 2 === 0 ? one : other, close: volume % 2 === 0 ? other : one, high, low, volume}
	})
	.map(candle => ({...candle, quote: 0, trades: 0}))

describe('the path of a candle', () => {
	it('goes open-low-high-close when it closes higher, open-high-low-close when lower', () => {
		const candle = {open: 100, high: 130, low: 90, close: 110, volume: 0, quote: 0, trades: 0}
		expect(pricePath(candle, 4)).toEqual([100, 90, 130, 110])
		expect(pricePath({...candle, close: 95}, 4)).toEqual([100, 130, 90, 95])
		expect(pricePath(candle, 7)).toEqual([100, 95, 90, 110, 130, 120, 110])
	})

	it('touches all four prices, leaves the range nowhere, and its volumes sum to the volume', () => {
		fc.assert(
			fc.property(candles, fc.integer({min: 4, max: 60}), (candle, ticks) => {
				const prices = pricePath(candle, ticks)
				expect(prices).toHaveLength(ticks)
				expect(prices[0]).toBe(candle.open)
				expect(prices.at(-1)).toBe(candle.close)
				expect(Math.max(...prices)).toBe(candle.high)
				expect(Math.min(...prices)).toBe(candle.low)
				const volumes = volumePath(candle, ticks)
				expect(volumes).toHaveLength(ticks)
				expect(volumes.reduce((sum, volume) => sum + volume, 0)).toBe(candle.volume)
				const traded = prices.filter((_, at) => (volumes[at] ?? 0) > 0)
				if (candle.volume >= 4) expect([Math.min(...traded), Math.max(...traded)]).toEqual([candle.low, candle.high])
			}),
		)
	})
})
