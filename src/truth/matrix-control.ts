import {keys} from '../engine/contracts/keys.js'
import {code} from '../engine/logic/markdown.js'
import {keyReadersOf} from '../engine/registry.js'
import {codes, type Section} from './document.js'
import {columnsIf, factOf, NOT_SEEN, type Observed, said, seenOf} from './observed.js'
import {codesOf} from './stations.js'

/** What decides whether anything is sent. */
const switches = [
	keys.kill,
	keys.arm,
	keys.blockedSymbols,
	keys.mode,
	keys.execution,
	keys.executionChange,
	keys.permit,
]

const seenSwitches = (observed: Observed | undefined): Readonly<Record<string, string>> => {
	const status = seenOf(observed?.status)
	if (!status) return {}
	const {kill, arm, mode, execution, blocked = []} = status
	return {
		[keys.kill.pattern]: kill ? `stopped: ${said(status.kill_reason)}` : 'orders can be sent',
		[keys.arm.pattern]: arm === null ? 'never armed' : `by ${said(arm.by)}: ${said(arm.reason)}`,
		[keys.blockedSymbols.pattern]: blocked.map(said).join(', ') || 'none',
		[keys.mode.pattern]: mode,
		[keys.execution.pattern]: execution ?? NOT_SEEN,
	}
}

const keySection = (observed?: Observed): Section => {
	const values = seenSwitches(observed)
	return {
		id: 'governor-control',
		heading: 'Governor control',
		level: 2,
		text: 'Sending needs all of these and the gateway’s own file of the same epoch; whatever is missing or unreadable says stop.',
		observed: factOf('what the switches say', observed?.status),
		table: {
			columns: ['Key', 'Type', 'Written by', 'Means', ...columnsIf(observed, ['Now'])],
			rows: switches.map(({pattern, type, owner, summary}) => [
				...[code(pattern), type, owner, summary],
				...columnsIf(observed, [values[pattern] ?? NOT_SEEN]),
			]),
		},
	}
}

/** Units that ask a switch before they act: derived from the scripts and looks that they declare. */
const guarded = (): Section => {
	const names = [...new Set(switches.flatMap(key => keyReadersOf(key).map(({name}) => name)))]
	return {
		id: 'protected-services',
		heading: 'Protected services',
		level: 3,
		table: {
			columns: ['Unit', 'Asks', 'Refuses with'],
			rows: names.map(name => [
				code(name),
				codes(switches.filter(key => keyReadersOf(key).some(unit => unit.name === name)).map(({pattern}) => pattern)),
				codes(codesOf(name)),
			]),
		},
	}
}

/** Each step of the reference's deployment, and the command that does it here. The test proves that each exists. */
export const OPERATIONS = [
	['Safe defaults: killed, execution enabled', 'governor init'],
	['Staged bring-up', 'up --stage core'],
	['Everything', 'up'],
	['What runs, and who stopped what', 'status'],
	['Whether plans would pass', 'order place --dry-run'],
	['What a unit says', 'logs'],
	['Enable trading: two steps outside of PAPER', 'go'],
	['Entries stop, exits go on', 'pause'],
	['Emergency stop', 'kill'],
	['Emergency stop, and everything closed', 'kill --flatten'],
	['Decided and recorded, nothing sent', 'governor disable'],
	['Lag of each reader', 'streams'],
	['Each limit, and what is used of it', 'limits'],
	['Everything down, in order', 'down'],
] as const

const operations: Section = {
	id: 'commands',
	heading: 'Deployment commands',
	level: 2,
	table: {columns: ['What for', 'Command'], rows: OPERATIONS.map(([what, command]) => [what, code(`qt ${command}`)])},
}

export const governorSections = (observed?: Observed): readonly Section[] => [
	keySection(observed),
	guarded(),
	operations,
]
