import {alerts} from '../../contracts/streams/ops.js'
import {policyAudit, policyUpdate} from '../../contracts/streams/risk.js'
import {defineFeed, defineUnit, stay} from '../../contracts/unit.js'
import {problemText} from '../../logic/policy-check.js'
import type {PolicyFileFinding} from '../../logic/policy-drift.js'
import {valuesOf} from '../../logic/policy-proposal.js'
import {notTightening} from '../../logic/policy-versions.js'
import {idOf} from '../../runtime/identity.js'

/** The finding that was told last, so that a restart does not tell it again. */
type State = Readonly<{told: string}>

const NAME = 'policy-sync'
const CALM: State = {told: ''}

export const policySync = defineUnit({
	name: NAME,
	target: 'brains',
	kind: 'timer',
	summary:
		'Compares policy.yaml of the home with the versions: proposes it where all of it tightens, and tells people of anything else.',
	reads: {audit: policyAudit},
	writes: {update: policyUpdate, alert: alerts},
	keys: {},
	feeds: {
		file: defineFeed<PolicyFileFinding>('What policy.yaml of the home says, whenever it or the versions change.'),
	},
	initial: () => CALM,
	partition: () => '',
	on: {
		audit: (_, {source, outcome, detail}, {emit, entry}) => {
			if (source !== NAME || entry.authority !== 'live' || outcome === 'APPLIED' || outcome === 'UNCHANGED') return stay
			const message = `what policy.yaml says was ${outcome}: ${detail}; see qt policy diff, then qt policy apply`
			return {wishes: [emit.alert({severity: 'warning', code: 'POLICY_FILE_REFUSED', subject: 'policy', message})]}
		},
	},
	onFeed: {
		file: ({told}, found, {emit}) => {
			if (found.finding === 'NONE') return told === '' ? stay : {state: CALM}
			const text = JSON.stringify(found)
			const state: State = {told: idOf(text)}
			if (state.told === told) return stay
			const alert = (code: string, message: string) =>
				emit.alert({severity: 'warning', code, subject: 'policy', message: `${found.path} ${message}`.slice(0, 4_000)})
			if (found.finding === 'BROKEN') {
				const problems = found.problems.map(problemText).join('; ')
				return {state, wishes: [alert('POLICY_FILE_BROKEN', `is no policy, and changes nothing: ${problems}`)]}
			}
			const {changes, version} = found
			const named = changes.map(({path, direction}) => `${path} ${direction}`).join(', ')
			if (notTightening(changes).length > 0) {
				const way = 'see qt policy diff, then qt policy apply'
				return {state, wishes: [alert('POLICY_DRIFT', `says what no version says (${named}): ${way}`)]}
			}
			const reason = `${found.path} says so`
			return {
				state,
				wishes: [
					alert('POLICY_DRIFT', `says what no version says (${named}): it only tightens and is proposed to the store`),
					emit.update({proposal_id: idOf(NAME, version, text), reason, changes: valuesOf(changes)}),
				],
			}
		},
	},
})
