import {keys} from '../engine/contracts/keys.js'
import {applyPlan, executionResult} from '../engine/contracts/streams/trade.js'
import {applyLayer} from '../engine/units/exec/apply-layer.js'
import {execution} from '../engine/units/exec/execution.js'
import {executionResultBridge} from '../engine/units/exec/execution-result-bridge.js'
import {exitMonitor} from '../engine/units/exec/exit-monitor.js'
import {exitbrain} from '../engine/units/exec/exitbrain.js'
import {governor} from '../engine/units/exec/governor.js'
import {harvestBrain} from '../engine/units/exec/harvest-brain.js'
import {intentBridge} from '../engine/units/exec/intent-bridge.js'
import {streamRecover} from '../engine/units/obs/stream-recover.js'
import {positionStateBrain} from '../engine/units/state/position-state-brain.js'
import {reconcileEngine} from '../engine/units/state/reconcile-engine.js'
import {tradeLogger} from '../engine/units/state/trade-logger.js'
import {codes, type Section} from './document.js'

type Finding = Readonly<{
	of: 'wiring' | 'map'
	found: string
	now: string
	by: readonly Readonly<{name: string}>[]
	/** Where everybody can see that it is so. */
	see: string
}>

/** What the reference found broken, missing or worth doing, and what is so now. */
export const findings: readonly Finding[] = [
	{
		of: 'wiring',
		found: 'Lag of 231,082 that nobody saw, and 63 dead consumers in a group',
		now: 'Each stream says from which backlog its readers are unhealthy; dead consumers go, with nothing that they held.',
		by: [streamRecover],
		see: 'qt streams, qt streams reap',
	},
	{
		of: 'wiring',
		found: 'A stream of results that was read by one side and written by nobody',
		now: `A stream has both ends or names the one that is to come; a test holds that for all. ${executionResult.name} is written from each fill.`,
		by: [execution, executionResultBridge, harvestBrain],
		see: 'qt registry wiring',
	},
	{
		of: 'wiring',
		found: 'Empty ledger keys: realised PnL was not tracked',
		now: `${keys.ledger.pattern} and ${keys.positionLedger.pattern} are written with each fill, from a journal on disk.`,
		by: [tradeLogger],
		see: 'qt ledger verify',
	},
	{
		of: 'wiring',
		found: 'An exit service without logs',
		now: 'Every host writes its log, and says per unit when its loop last came round.',
		by: [exitbrain],
		see: 'qt logs, qt status',
	},
	{
		of: 'wiring',
		found: 'Exits that went nowhere: the sender knew only entries',
		now: `Entries, exits and protection are plans of one stream (${applyPlan.name}), decided by one script and sent by one gateway.`,
		by: [governor, applyLayer],
		see: 'qt audit flow',
	},
	{
		of: 'wiring',
		found: 'Nobody decided where stops and targets rest, and none was ever moved',
		now: 'A stop and a target rest at the venue from the first fill on; levels are scaled, ratcheted and trailed, and the resting stop follows.',
		by: [execution, exitbrain, exitMonitor],
		see: 'qt exits',
	},
	{
		of: 'wiring',
		found: 'Harvest proposals without a known reader',
		now: 'Proposed, calibrated by heat, acted on or suggested: three units in a row.',
		by: [harvestBrain],
		see: 'qt registry wiring',
	},
	{
		of: 'wiring',
		found: 'Positions in 44 symbols against an allowlist of 9',
		now: 'A symbol that may no longer open is exits only, and shown as such.',
		by: [intentBridge, governor],
		see: 'qt universe, qt positions',
	},
	{
		of: 'map',
		found: 'Three kinds of position keys, two of them empty',
		now: `${keys.positionSnapshot.pattern} is canonical, ${keys.position.pattern} its short form, ${keys.positionLedger.pattern} the books: each with one writer.`,
		by: [positionStateBrain, tradeLogger],
		see: 'qt registry show',
	},
	{
		of: 'map',
		found: 'Reconciliation every 60 s only: a window of drift',
		now: 'The user stream brings each change at once; reconciliation proves it, and nothing opens before the first clean one.',
		by: [positionStateBrain, reconcileEngine],
		see: 'qt status',
	},
	{
		of: 'map',
		found: 'Unknown processes on open ports',
		now: 'Every port belongs to one unit and lies on loopback; who holds one that is wanted is named.',
		by: [],
		see: 'qt registry matrix',
	},
]

export const findingsSection = (of: Finding['of']): Section => ({
	id: 'findings',
	heading: 'What the reference found, and what is so now',
	level: 2,
	table: {
		columns: ['Found', 'Now', 'By', 'See'],
		rows: findings
			.filter(finding => finding.of === of)
			.map(({found, now, by, see}) => [found, now, codes(by.map(({name}) => name)), see]),
	},
})
