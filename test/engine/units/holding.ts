import {positionStateBrain} from '../../../src/engine/units/state/position-state-brain.js'
import {drive, type Emitted} from '../../support/drive.js'
import {fill} from './account-events.js'

export type Sent = readonly [port: 'account' | 'result' | 'reconcile', payload: Readonly<Record<string, unknown>>]
export const run = async (...sent: readonly Sent[]) => {
	const unit = await drive(positionStateBrain)
	const emitted: Emitted[] = []
	for (const [port, payload] of sent) emitted.push(...(await unit.send(port, payload)))
	return {unit, emitted, last: emitted.at(-1)?.payload}
}
export const buy = (trade_id: string, quantity: string, price: string): Sent => [
	'account',
	fill({trade_id, quantity, price}),
]
export const sell = (trade_id: string, quantity: string, price: string): Sent => [
	'account',
	fill({trade_id, quantity, price, side: 'SELL'}),
]
export const correction = (changes: Readonly<Record<string, unknown>>): Sent => [
	'reconcile',
	{run_id: 'r1', outcome: 'CORRECTION', symbol: 'BTCUSDT', ...changes},
]
