import {alerts} from '../../contracts/streams/ops.js'
import {defineEffect, defineUnit, stay} from '../../contracts/unit.js'
import type {ContractReading} from '../../logic/contract-reading.js'

/** Machine times. */
type State = Readonly<{checking: boolean; checked_ms: number}>

const initial: State = {checking: false, checked_ms: 0}
const writes = {alert: alerts}
const effects = {
	check: defineEffect<Readonly<{count: number}>, readonly ContractReading[]>(
		'Reads the newest entries of every declared stream as its readers would.',
	),
}
const WHOLE = ''
const DAY_MS = 86_400_000
const LOOK_EVERY_MS = 60_000
/** Entries of each stream that a check reads. */
const COUNT = 200
const DETAIL_CHARS = 500

export const contractCheck = defineUnit({
	name: 'contract-check',
	target: 'obs',
	kind: 'timer',
	summary: 'Once a day, and after the first start: whether what lies on each stream keeps its contract.',
	reads: {},
	writes,
	keys: {},
	effects,
	timers: {due: {every_ms: LOOK_EVERY_MS, clock: 'machine'}},
	initial: () => initial,
	partition: () => WHOLE,
	on: {},
	onTimer: {
		due: (state, {effect, machine_ms}) =>
			state.checking || Math.abs(machine_ms - state.checked_ms) < DAY_MS
				? stay
				: {
						state: {checking: true, checked_ms: machine_ms},
						wishes: [effect.check(`check/${machine_ms}`, {count: COUNT})],
					},
	},
	onResult: {
		check: (state, outcome, {emit}) => {
			// What could not be read is tried again at the next look.
			if (!outcome.ok) return {state: initial}
			const broken = outcome.result.filter(({first}) => first !== undefined)
			return {
				state: {...state, checking: false},
				wishes: broken.map(({stream, looked_at, broken: count, first}) =>
					emit.alert({
						severity: 'warning',
						code: 'CONTRACT_BROKEN',
						subject: stream,
						message: `${count} of the newest ${looked_at} entries break the contract, first ${first?.entry_id}: ${first?.detail.slice(0, DETAIL_CHARS)}`,
					}),
				),
			}
		},
	},
})
