import {describe, expect, it} from 'vitest'
import {flatnessOf} from '../../../src/engine/logic/flatness.js'

const btc = {symbol: 'BTCUSDT', amount: '0'}
const eth = {symbol: 'ETHUSDT', amount: '-0.2'}

describe('what a listing of positions proves', () => {
	it.each([
		['a reading that failed', undefined, undefined, 'UNKNOWN'],
		['an empty list', [], undefined, 'UNKNOWN'],
		['a list without the symbol', [btc], 'ETHUSDT', 'UNKNOWN'],
		['rows that are all flat', [btc, {...eth, amount: '0.000'}], undefined, 'FLAT'],
		['a negative zero', [{...eth, amount: '-0.0'}], undefined, 'FLAT'],
		['a short', [btc, eth], undefined, 'NOT FLAT'],
		['another symbol that is open', [btc, eth], 'BTCUSDT', 'FLAT'],
		['the symbol itself', [btc, eth], 'ETHUSDT', 'NOT FLAT'],
	] as const)('%s', (_, rows, symbol, state) => {
		expect(flatnessOf(rows, symbol).state).toBe(state)
	})

	it('names what is open', () => {
		expect(flatnessOf([btc, eth])).toEqual({state: 'NOT FLAT', open: [eth]})
	})
})
