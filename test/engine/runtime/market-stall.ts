import {z} from 'zod'
import {field} from '../../../src/engine/contracts/field.js'
import {defineKey} from '../../../src/engine/contracts/key.js'
import {defineStream} from '../../../src/engine/contracts/stream.js'
import {defineEffect, defineFeed, defineUnit, fromReply, stay} from '../../../src/engine/contracts/unit.js'
import {spend} from '../bus/spend.js'

export const orders = defineStream({
	name: 'test.orders',
	summary: 'What customers want.',
	criticality: 'money',
	payload: z.object({
		symbol: field.symbol(),
		what: z.enum(['add', 'spend', 'notify', 'fail', 'crash']),
		n: field.integer(),
	}),
})
export const quotes = defineStream({
	name: 'test.quotes',
	summary: 'Prices of the stall.',
	criticality: 'telemetry',
	payload: z.object({symbol: field.symbol(), price: field.positive()}),
})
export const totals = defineStream({
	name: 'test.totals',
	summary: 'What entries and sweeps led to, in order.',
	criticality: 'money',
	payload: z.object({
		symbol: field.symbol(),
		what: field.text(),
		n: field.integer(),
		total: field.integer(),
		left: field.text().optional(),
	}),
})
export const notices = defineStream({
	name: 'test.notices',
	summary: 'What effects led to.',
	criticality: 'money',
	payload: z.object({symbol: field.symbol(), n: field.integer(), note: field.prose()}),
})
const board = defineKey({pattern: 'board:{symbol}', type: 'hash', owner: 'market-stall', summary: 'Newest total.'})

export type StallState = Readonly<{total: number; price?: string; sweeps: number}>
export type Bell = Readonly<{symbol: string; n: number}>

/** A small unit with one of everything: entries, decisions, effects, timers, feeds, failures. */
export const marketStall = defineUnit({
	name: 'market-stall',
	target: 'core',
	kind: 'stream',
	summary: 'One of everything, for tests of the runtime.',
	reads: {order: orders, quote: quotes},
	conflates: ['quote'],
	writes: {totals, notices},
	keys: {board},
	feeds: {till: defineFeed<Bell>('Coins counted.'), screen: defineFeed<Bell>('Prices shown.', {conflate: true})},
	effects: {ring: defineEffect<Bell, string>('Rings the bell.')},
	timers: {tidy: {every_ms: 60_000, clock: 'venue'}},
	initial: (): StallState => ({total: 0, sweeps: 0}),
	on: {
		order: (state, {symbol, what, n}, {emit, key, effect, entry}) => {
			if (what === 'fail') throw new Error(`cannot handle ${n}`)
			const total = state.total + n
			const add = emit.totals({symbol, what, n, total})
			const put = key.board.put({symbol}, {total})
			if (what === 'notify')
				return {
					state: {...state, total},
					wishes: [add, effect.ring(`a-${entry.id}`, {symbol, n}), effect.ring(`b-${entry.id}`, {symbol, n: -n})],
				}
			if (what === 'add') return {state: {...state, total}, wishes: [add, put]}
			const left = fromReply('left')
			return {
				decide: {
					script: spend,
					keys: {},
					args: {who: symbol, amount: what === 'crash' ? 'crash' : n},
					branches: {
						granted: {state: {...state, total}, wishes: [emit.totals({symbol, what, n, total, left}), put]},
						refused: {wishes: [emit.totals({symbol, what: 'refused', n, total: state.total, left})]},
					},
				},
			}
		},
		quote: (state, {price}) => ({state: {...state, price}}),
	},
	onFeed: {
		till: (state, {symbol, n}, {emit}) =>
			n === 0
				? stay
				: {
						state: {...state, total: state.total + n},
						wishes: [emit.totals({symbol, what: 'till', n, total: state.total + n})],
					},
		screen: (state, {symbol, n}, {emit}) => ({wishes: [emit.totals({symbol, what: 'screen', n, total: state.total})]}),
	},
	onResult: {
		ring: (_, outcome, {emit, effect}) => {
			const {symbol, n} = outcome.request
			if (outcome.ok) return {wishes: [emit.notices({symbol, n, note: outcome.result})]}
			if (outcome.error === 'again') return {wishes: [effect.ring(outcome.idempotency_key, {symbol, n})]}
			return {wishes: [emit.notices({symbol, n, note: outcome.error})]}
		},
	},
	onTimer: {
		tidy: (state, {emit, partition}) => ({
			state: {...state, sweeps: state.sweeps + 1},
			wishes: [
				emit.totals({
					symbol: partition === '' ? 'NOBODY' : partition,
					what: 'tidy',
					n: state.sweeps,
					total: state.total,
				}),
			],
		}),
	},
})
