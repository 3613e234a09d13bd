import {exitMonitor} from '../../../src/engine/units/exec/exit-monitor.js'
import {drive, HandClock} from '../../support/drive.js'

export const long = {
	symbol: 'BTCUSDT',
	amount: '0.50',
	entry_price: '100',
	opened_ms: 1_749_999_000_000,
	source: 'fill',
	stop_resting: true,
}
export const short = {...long, amount: '-0.50'}
export const flat = {...long, amount: '0'}

/** A tick whose closing price for the position is this one; the other side lies far off. */
export const tickFor = ({amount}: {amount: string}, price: number | string) => {
	const other = Number(price) * (amount.startsWith('-') ? 0.9 : 1.1)
	const [bid, ask] = amount.startsWith('-') ? [other, price] : [price, other]
	return {symbol: 'BTCUSDT', bid: String(bid), ask: String(ask), bid_quantity: '1', ask_quantity: '1', received_ms: 1}
}
export const start = async (position: typeof long = long, speed = 1) => {
	const clock = new HandClock(1_750_000_000_000, 1_700_000_000_000, speed)
	const unit = await drive(exitMonitor, {clock})
	await unit.send('position', position)
	return unit
}
export const told = (emitted: ReadonlyArray<{stream: string; payload: Record<string, unknown>}>) =>
	emitted.map(({stream, payload}) => (stream === 'alerts' ? payload.code : payload.reason))
