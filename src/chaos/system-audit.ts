import {deadLetters} from '../engine/contracts/streams/ops.js'
import {type Audited, entriesOf, fillProblems, flowProblems} from './flow-audit.js'
import {backlogOf, ledgerVerdict, positionProblems} from './state-audit.js'

/** Everything that must hold at a quiet time, as a list of what does not. While entries wait, the rest is not looked at. */
export const allProblems = async (system: Audited): Promise<readonly string[]> => {
	const waiting = await backlogOf(system)
	if (waiting.length > 0) return waiting
	const [flow, fills, positions, ledger, dead] = await Promise.all([
		flowProblems(system),
		fillProblems(system),
		positionProblems(system),
		ledgerVerdict(system),
		entriesOf(system, deadLetters.name),
	])
	return [
		...flow,
		...fills,
		...positions,
		...(ledger.ok ? [] : [`the ledger: ${JSON.stringify({...ledger, changes: undefined}).slice(0, 1_500)}`]),
		...dead.map(({stream, entry_id, reason, detail}) => `dead letter ${entry_id} of ${stream}: ${reason} ${detail}`),
	]
}
