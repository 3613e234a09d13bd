import {createHash} from 'node:crypto'
import type {Market, MarketEvent} from '../../../src/paper-exchange/market.js'

const READ_MAX = 5_000_000

/** All events up to an instant, in the order in which the market tells them. */
export function readUntil(market: Market, until_ms: number): MarketEvent[] {
	const events: MarketEvent[] = []
	for (let count = 0; count < READ_MAX; count++) {
		const event = market.next(until_ms)
		if (event === undefined) return events
		events.push(event)
	}
	throw new Error(`more than ${READ_MAX} events before ${until_ms}`)
}

export function digest(events: readonly MarketEvent[]): string {
	return createHash('sha256').update(JSON.stringify(events)).digest('hex')
}
