import type {Core} from './core.js'
import {dec, text} from './decimal.js'
import type {Klines} from './klines.js'
import type {MarketEvent} from './market.js'
import type {PublicTape} from './public-tape.js'

/** What the venue knows of the outside world. */
type Outside = Readonly<{core: Core; klines: Klines; tape: PublicTape}>

type Said<K extends MarketEvent['kind']> = Extract<MarketEvent, {kind: K}>

const observeBook = ({core, klines}: Outside, event: Said<'book'>): void => {
	const book = core.bookOf(event.symbol)
	book.replace(event.bids, event.asks, event.time_ms)
	if (klines.hasPrice(event.symbol)) return
	const mid = book.mid()
	if (mid !== undefined) klines.onMid(event.symbol, mid)
}

const observeTrade = ({core, klines, tape}: Outside, event: Said<'trade'>): number => {
	const price = dec(event.price)
	core.pricesOf(event.symbol).last = price
	klines.onTrade(event.symbol, price, dec(event.quantity), event.buyer_is_maker)
	const {quantity, time_ms, buyer_is_maker} = event
	return tape.add(event.symbol, {price: event.price, quantity, time_ms, buyer_is_maker})
}

const observeMark = ({core}: Outside, event: Said<'mark'>): void => {
	const prices = core.pricesOf(event.symbol)
	prices.mark = dec(event.mark)
	prices.index = dec(event.index)
	prices.funding_rate = event.funding_rate
	prices.next_funding_ms = event.next_funding_ms
	prices.mark_ms = event.time_ms
}

/** Takes in one event; returns the number of the print, or 0 for other events. */
export const observe = (outside: Outside, event: MarketEvent): number => {
	switch (event.kind) {
		case 'book':
			observeBook(outside, event)
			return 0
		case 'trade':
			return observeTrade(outside, event)
		case 'mark':
			observeMark(outside, event)
			return 0
		case 'funding': {
			const mark = text(outside.core.mark(event.symbol))
			outside.tape.addFunding({symbol: event.symbol, rate: event.rate, time_ms: event.time_ms, mark})
			return 0
		}
	}
}
