import type {DownProgress, DownReport} from '../../daemon/client/down.js'
import type {ProtectedPosition} from '../../daemon/client/positions.js'
import type {Paint} from './colour.js'
import {amount, duration} from './terms.js'

const positionLine = ({symbol, side, amount: size, stop}: ProtectedPosition, paint: Paint): string => {
	const held = `  ${side} ${symbol} ${amount(size)}`
	return stop
		? `${held}: protected by stop ${stop.client_order_id} at ${stop.trigger_price}, which rests at the venue`
		: `${held}: ${paint('bad', 'NO STOP RESTS FOR IT')}`
}

/** One line or more for each thing that a stop goes through. */
export const downLines = (progress: DownProgress, paint: Paint): readonly string[] => {
	if (progress.kind === 'alarm') return [progress.message]
	if (progress.kind === 'disarmed') {
		const {report} = progress
		if (!report) return ['was stopped before; that stop keeps its author']
		return [`disarmed: ${report.state}, epoch ${report.epoch}`]
	}
	const {positions, detail} = progress
	if (positions === undefined) return [`open positions unknown: ${detail}`]
	if (positions.length === 0) return ['no open positions']
	return [`${positions.length} open positions stay:`, ...positions.map(position => positionLine(position, paint))]
}

export const downView = ({stopped, killed, took_ms}: DownReport): string =>
	`down in ${duration(took_ms)}: ${stopped.length} processes${killed.length > 0 ? `, ended hard: ${killed.join(', ')}` : ''}`
