import type {KeyContract} from '../engine/contracts/key.js'
import {keys} from '../engine/contracts/keys.js'
import type {ScriptContract} from '../engine/contracts/script.js'
import {code} from '../engine/logic/markdown.js'
import {units} from '../engine/registry.js'
import {admission} from '../engine/scripts/admission.js'
import {settle} from '../engine/scripts/settle.js'
import {takePermit} from '../engine/scripts/take-permit.js'
import {codes, type Section} from './document.js'

type Guarantee = 'G1' | 'G2' | 'G3' | 'G4' | 'G5' | 'G6' | 'G7' | 'G8' | 'G9' | 'G10' | 'G11' | 'G12'

/** A race that the former system lost, and what stands against it. */
export type Race = Readonly<{
	name: string
	was: string
	now: string
	scripts: readonly ScriptContract[]
	keys: readonly KeyContract[]
	codes: readonly string[]
	guarantees: readonly Guarantee[]
	left: string
}>

export const races: readonly Race[] = [
	{
		name: '17 positions despite a limit of 10',
		was: 'Positions were counted by a scan, and existed only after the order: two decisions saw the same count.',
		now: 'The script that allows an entry takes its slot in the same step: open positions and reservations are one number. Slots come back from fills and results, never by time while an outcome is unknown.',
		scripts: [admission, settle],
		keys: [keys.reservations, keys.availableSlots],
		codes: ['SLOTS_FULL', 'ENTRY_IN_PROGRESS'],
		guarantees: ['G1'],
		left: 'Positions that others open on the account are counted once they are seen.',
	},
	{
		name: 'Total notional',
		was: 'The sum was calculated from positions that lagged behind.',
		now: 'The sum of all reservations is kept in integers by the same script.',
		scripts: [admission, settle],
		keys: [keys.totalNotional],
		codes: ['TOTAL_NOTIONAL'],
		guarantees: ['G2'],
		left: 'none known',
	},
	{
		name: 'Stale position',
		was: 'A position was liquidated at the venue, and known here for up to 60 s.',
		now: 'The user stream moves the position at once; the venue is read anew every 60 s, at start and after each reconnect, and wins. Without a clean and recent comparison nothing opens; exits are reduce-only, and the venue judges them too.',
		scripts: [admission],
		keys: [keys.positionSnapshot, keys.reconcileLast],
		codes: ['NOT_RECONCILED', 'RECONCILE_STALE', 'DATA_STALE', 'NO_POSITION'],
		guarantees: ['G10', 'G5'],
		left: 'Until the venue has told it, an exit may be asked for that it then refuses.',
	},
	{
		name: 'Permit expiry',
		was: 'A permit lived 60 s, whatever waited before it; an expired one was lost without a word.',
		now: 'The deadline is data in the permit, and has room for what the machine may be late. What expires is told, and gives its reservation back exactly once; a permit that was taken waits for its outcome.',
		scripts: [takePermit, settle],
		keys: [keys.permit],
		codes: ['PERMIT_EXPIRED', 'PERMIT_SERVED', 'PLAN_STALE'],
		guarantees: ['G3', 'G6'],
		left: 'A plan that waits longer than its deadline is refused, visibly.',
	},
	{
		name: 'Idempotency by a hash',
		was: 'A hash of symbol, side and second: two intents of one second were one.',
		now: 'An entry is known by its envelope id, which derives from its cause; one written by hand by its stream id.',
		scripts: [],
		keys: [keys.dedupIntent, keys.dedupApply],
		codes: ['DUPLICATE_INTENT'],
		guarantees: ['G6', 'G8', 'G9'],
		left: 'none known',
	},
	{
		name: 'Several exit controllers',
		was: 'Three services closed the same position, each for itself.',
		now: 'One lock per symbol with a fencing token, taken in the decision and checked by the sender; a rank says who goes first; the size is held against the position in the same script.',
		scripts: [admission, takePermit],
		keys: [keys.exitLock],
		codes: ['EXIT_LOCKED', 'LOCK_LOST', 'EXIT_EXCEEDS_POSITION', 'EXIT_INCREASES'],
		guarantees: ['G5'],
		left: 'none known',
	},
	{
		name: 'Allocation lag',
		was: 'Targets of allocation were 60 s old; a burst of entries passed them.',
		now: 'No entry is measured by a target that lags: slots, total notional, heat and budgets are what is reserved or confirmed at the decision, and a watcher that is silent refuses. No unit allocates by share yet.',
		scripts: [admission],
		keys: [keys.totalNotional, keys.heatPortfolio, keys.budget],
		codes: ['HEAT_STALE', 'HEAT_PORTFOLIO', 'GATE_BUDGET', 'GATE_EXPOSURE'],
		guarantees: ['G1', 'G2', 'G10'],
		left: 'Shares of allocation come with the unit that decides them, with a version.',
	},
]

const scriptsOfUnits = (): readonly ScriptContract[] => [...new Set(units.flatMap(({scripts = []}) => scripts))]

export const raceSections = (): readonly Section[] => [
	{
		id: 'races',
		heading: 'Race conditions of the reference, and what stands against each',
		level: 2,
		text: 'How each guarantee is tested stands in [guarantees](../guarantees.md).',
		table: {
			columns: ['Race', 'Was', 'Now', 'Atomic in', 'Keys', 'Codes', 'Guarantee', 'Left'],
			rows: races.map(race => [
				...[race.name, race.was, race.now, codes(race.scripts.map(({name}) => name))],
				...[codes(race.keys.map(({pattern}) => pattern)), codes(race.codes), race.guarantees.join(', '), race.left],
			]),
		},
	},
	{
		id: 'scripts',
		heading: 'Atomic decisions: the semaphores of the system',
		level: 2,
		text: 'Each is one Lua script with a model in TypeScript that a property test holds against it.',
		table: {
			columns: ['Script', 'Decides', 'Keys', 'Outcomes'],
			rows: scriptsOfUnits().map(({name, summary, keys: own, outcomes}) => [
				...[code(name), summary, codes(Object.values(own).map(({pattern}) => pattern))],
				codes(Object.keys(outcomes)),
			]),
		},
	},
]
