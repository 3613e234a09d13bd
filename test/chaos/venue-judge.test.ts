import {describe, expect, it} from 'vitest'
import type {VenueRecord} from '../../src/chaos/system-venue.js'
import {LIMITS} from '../../src/chaos/trial.js'
import {closingProblems, killProblems, limitProblems, permitProblems} from '../../src/chaos/venue-judge.js'

let seq = 0
type Order = Readonly<{
	symbol?: string
	quantity: string
	filled?: string
	price?: string
	reduceOnly?: boolean
	http?: number
}>

const order = (side: 'BUY' | 'SELL', given: Order, machine_ms = 0): VenueRecord => {
	const {symbol = 'BTCUSDT', quantity, filled = quantity, price = '100', reduceOnly = false, http = 200} = given
	seq += 1
	const params = {symbol, side, quantity, newClientOrderId: `q-${seq}`, ...(reduceOnly && {reduceOnly: 'true'})}
	const fill = {trade_id: seq, order_id: seq, client_id: `q-${seq}`, symbol, side, price, quantity: filled}
	const path = '/fapi/v1/order'
	const fills = http === 200 && filled !== '0' ? [fill] : []
	return {seq, kind: 'request', machine_ms, venue_ms: machine_ms, method: 'POST', path, http, params, fills}
}
const algo = (params: Readonly<Record<string, string>>, machine_ms: number): VenueRecord => {
	seq += 1
	const of = {kind: 'request', machine_ms, venue_ms: machine_ms} as const
	return {seq, ...of, method: 'POST', path: '/fapi/v1/algoOrder', http: 200, params}
}
const buys = (count: number, price: string) =>
	Array.from({length: count}, (_, n) => order('BUY', {symbol: `S${n}`, quantity: '1', price}))

describe('the judge by the venue’s log', () => {
	it('tells more positions and more notional than the limits', () => {
		expect(limitProblems(buys(LIMITS.positions_max, '100'))).toEqual([])
		expect(limitProblems(buys(LIMITS.positions_max + 1, '100'))).toMatchObject([/positions were open at once/])
		expect(limitProblems(buys(LIMITS.positions_max, '150'))).toMatchObject([/USDT were open at once/])
	})

	it('tells orders without a verdict, the stops of a kill apart', () => {
		const bare = {symbol: 'BTCUSDT', clientAlgoId: 's-other', closePosition: 'true'}
		const log = [algo({clientAlgoId: 's-known'}, 500), algo(bare, 1_500)]
		const kills = [{from_ms: 1_000, to_ms: 2_000}]
		expect(permitProblems(log, new Set(['known']), kills)).toEqual([])
		expect(permitProblems(log, new Set(['known']), [])).toMatchObject([/s-other has no verdict/])
		expect(permitProblems(log, new Set(), kills)).toMatchObject([/s-known has no verdict/])
		expect(permitProblems([order('BUY', {quantity: '1'}, 1_500)], new Set(), kills)).toMatchObject([/no verdict/])
	})

	it('tells what reached the venue between a kill and an arming, protection apart', () => {
		const halts = [{from_ms: 1_000, to_ms: 2_000}]
		const close = {symbol: 'BTCUSDT', clientAlgoId: 's-1', closePosition: 'true'}
		expect(
			killProblems(
				[order('BUY', {quantity: '1'}, 999), algo(close, 1_500), order('BUY', {quantity: '1'}, 2_001)],
				halts,
			),
		).toEqual([])
		expect(killProblems([order('BUY', {quantity: '1', http: 400}, 1_250)], halts)).toMatchObject([
			/250 ms after a kill/,
		])
		expect(killProblems([algo({clientAlgoId: 's-2', quantity: '1'}, 1_999)], halts)).toMatchObject([/999 ms after/])
	})

	it('tells exits that are larger than their position, and positions that turn around', () => {
		const bought = order('BUY', {quantity: '2'})
		const half = order('SELL', {quantity: '1', reduceOnly: true})
		expect(closingProblems([bought, half, half])).toEqual([])
		expect(closingProblems([bought, order('SELL', {quantity: '3', filled: '2', reduceOnly: true})])).toMatchObject([
			/closes 3 of 2/,
		])
		expect(closingProblems([bought, half, half, order('SELL', {quantity: '1', http: 400, reduceOnly: true})])).toEqual(
			[],
		)
		expect(closingProblems([bought, order('SELL', {quantity: '3'})])).toMatchObject([/turns 2 BTCUSDT into -1/])
	})
})
