import {OperatorError} from '../../engine/errors.js'
import {EXIT_CODES} from '../../engine/exit-codes.js'
import {idOf} from '../../engine/runtime/identity.js'
import {type Arming, stoppedBy} from './arming-record.js'

/** A code is good until the end of the span after the one in which it was shown. */
const SPAN_MS = 120_000

/** What an arming would end and bring about. */
export type ArmingAsked = Readonly<{
	mode: string
	/** The newest epoch of both places. */
	epoch: number
	policy_version: number
	now_ms: number
}>

/** What must be typed to arm outside PAPER. Time, another arming or kill, and another policy make it another phrase. */
export const confirmPhrase = ({mode, epoch, policy_version, now_ms}: ArmingAsked): string =>
	`arm ${mode} ${idOf('arm', mode, epoch, policy_version, Math.floor(now_ms / SPAN_MS)).slice(0, 6)}`

/**
 * The second step of an arming outside PAPER.
 * @throws OperatorError (needs_input) that shows what would be armed, and asks for the phrase
 */
export const requireConfirmation = (confirm: string | undefined, asked: ArmingAsked, before: Arming): void => {
	const {mode, epoch, policy_version, now_ms} = asked
	if (mode === 'PAPER') return
	if (confirm === confirmPhrase(asked)) return
	if (confirm === confirmPhrase({...asked, now_ms: now_ms - SPAN_MS})) return
	const wrong = confirm === undefined ? '' : 'the confirmation is not the phrase that is asked for, or has expired; '
	const policy = policy_version > 0 ? `policy version ${policy_version}` : 'the default policy'
	throw new OperatorError(
		`${wrong}arming ${mode} under epoch ${epoch + 1} with ${policy} lets real orders leave; ${stoppedBy(before)}`,
		{
			exit_code: EXIT_CODES.needs_input,
			hint: `within ${SPAN_MS / 60_000} minutes: qt go --confirm "${confirmPhrase(asked)}"`,
		},
	)
}
