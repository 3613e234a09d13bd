import {expect, test} from 'vitest'
import {movesPerSecond} from '../../src/bench/market-moves.js'

const symbols = ['BTCUSDT', 'SIM001USDT']
const moves = (tick_interval_ms: number) => movesPerSecond({seed: 1, symbols, tick_interval_ms})

test('of two symbols that are quoted once a second nearly every quote moves them, of ten times as many not each', () => {
	expect(moves(1_000)).toBeGreaterThan(1.5)
	expect(moves(1_000)).toBeLessThanOrEqual(2.02)
	expect(moves(100)).toBeGreaterThan(moves(1_000) * 2)
	expect(moves(100)).toBeLessThan(20)
})
