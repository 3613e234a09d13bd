import type {Inspection} from '../../../src/engine/logic/reconcile.js'
import {reconcileEngine} from '../../../src/engine/units/state/reconcile-engine.js'
import {drive, type Emitted} from '../../support/drive.js'
import {balance, connection} from './account-events.js'
import {venueHolds} from './inspections.js'

export const snapshot = {
	symbol: 'BTCUSDT',
	amount: '0.1',
	entry_price: '50000',
	opened_ms: 1,
	source: 'fill',
	stop_resting: true,
}

/** A unit that knows of one position and 1,000 USDT, over a resynced stream. */
export const start = async (status: 'RESYNCED' | 'LOST' | 'CONNECTED' | 'none' = 'RESYNCED') => {
	const unit = await drive(reconcileEngine)
	if (status !== 'none') await unit.send('account', connection(status))
	await unit.send('account', balance())
	await unit.send('position', snapshot)
	const tick = async () => {
		unit.clock.advance(1_000)
		return unit.timer('look')
	}
	return {
		unit,
		tick,
		asked: () => unit.effects.length,
		answer: (result: Inspection) => unit.result('inspect', {ok: true, result}),
		last: () => unit.bus.store.hashAll('test:reconcile:last'),
		/** Asks and answers until the run has ended. */
		run: async (result: Inspection) => {
			const emitted: Emitted[] = []
			for (let turn = 0; turn < 70 && !emitted.some(isEnd); turn += 1) {
				emitted.push(...(await tick()))
				if (unit.effects.length > 0) emitted.push(...(await unit.result('inspect', {ok: true, result})))
			}
			return emitted
		},
	}
}
const isEnd = ({stream, payload}: Emitted) => stream === 'reconcile.events' && payload.outcome !== 'CORRECTION'
export const outcomes = (emitted: readonly Emitted[]) =>
	emitted.filter(({stream}) => stream === 'reconcile.events').map(({payload}) => payload.outcome)
export const alerts = (emitted: readonly Emitted[]) =>
	emitted.filter(({stream}) => stream === 'alerts').map(({payload}) => payload.code)
export const agreed = venueHolds('0.1', '50000')
export const drifted = venueHolds('0.3', '51000')
