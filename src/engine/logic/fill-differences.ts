import {equal} from './exact.js'
import {INCOME_SLACK_MS} from './income-days.js'
import type {FillRow} from './journal-rows.js'

/** What both sides say of a fill. Decimals as text, venue time in ms. */
export type ComparedFill = Pick<FillRow, 'symbol' | 'trade_id' | 'order_id' | 'side' | 'price' | 'quantity' | 'ts_ms'>

export type FillDifference = Readonly<{
	/** In the venue's trade list only; in the ledger only; in both, and unlike. */
	kind: 'missing' | 'extra' | 'unlike'
	symbol: string
	trade_id: string
	/** What each of them has, such as `BUY 0.5 at 60000 of order 7`; empty when it has none. */
	ledger: string
	venue: string
}>

const nameOf = ({symbol, trade_id}: Pick<ComparedFill, 'symbol' | 'trade_id'>): string => `${symbol}/${trade_id}`
const textOf = (fill: ComparedFill | undefined): string =>
	fill ? `${fill.side} ${fill.quantity} at ${fill.price} of order ${fill.order_id}` : ''

const alike = (one: ComparedFill, other: ComparedFill): boolean =>
	one.side === other.side &&
	one.order_id === other.order_id &&
	equal(one.quantity, other.quantity) &&
	equal(one.price, other.price)

type Both = Readonly<{
	/** Of the ledger, read before the venue's: whatever is in it must be in the venue's. */
	booked: readonly ComparedFill[]
	/** Of the venue, from `INCOME_SLACK_MS` before `from_ms` on: the ledger dates the report, the venue the fill. */
	listed: readonly ComparedFill[]
	from_ms: number
}>

/** Every fill since `from_ms` that the ledger and the venue's trade list do not tell alike, by symbol and trade id. */
export const compareFills = ({booked, listed, from_ms}: Both): readonly FillDifference[] => {
	const ours = new Map(booked.map(fill => [nameOf(fill), fill]))
	const theirs = new Map(listed.map(fill => [nameOf(fill), fill]))
	const edge_ms = from_ms === 0 ? 0 : from_ms + INCOME_SLACK_MS
	const due = [
		...listed.filter(({ts_ms}) => ts_ms >= from_ms),
		...booked.filter(fill => fill.ts_ms >= edge_ms && !theirs.has(nameOf(fill))),
	]
	return due.flatMap(({symbol, trade_id}) => {
		const [ledger, venue] = [ours.get(nameOf({symbol, trade_id})), theirs.get(nameOf({symbol, trade_id}))]
		if (ledger && venue && alike(ledger, venue)) return []
		const kind = ledger === undefined ? 'missing' : venue === undefined ? 'extra' : 'unlike'
		return [{kind, symbol, trade_id, ledger: textOf(ledger), venue: textOf(venue)} as const]
	})
}

/** One name for a difference, the same in every reading that finds it. */
export const fillDifferenceName = ({kind, symbol, trade_id, ledger, venue}: FillDifference): string =>
	[kind, symbol, trade_id, ledger, venue].join(' ')
