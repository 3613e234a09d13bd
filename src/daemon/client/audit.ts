import {messageOf, OperatorError} from '../../engine/errors.js'
import {EXIT_CODES} from '../../engine/exit-codes.js'
import type {AuditEntry, AuditLine, AuditProof} from '../../engine/logic/audit-chain.js'
import {appendAudit, proveAuditFile, readAudit} from '../system/audit-file.js'
import type {Home} from './home.js'
import {operatorName} from './kill-steps.js'

export type Audited = Pick<AuditEntry, 'what' | 'why'> & Partial<Omit<AuditEntry, 'what' | 'why'>>

const whole = (entry: Audited, now_ms: () => number): AuditEntry => ({
	who: operatorName(),
	time_ms: now_ms(),
	outcome: 'DONE',
	before: {},
	after: {},
	timings: {},
	...entry,
})

/** Records what was done. Never throws, so that nothing that stops is stopped by it; returns why it was not recorded. */
export const recordAudit = async (home: Home, now_ms: () => number, entry: Audited): Promise<string | undefined> => {
	try {
		await appendAudit(home, whole(entry, now_ms))
		return undefined
	} catch (error) {
		return messageOf(error)
	}
}

/** @throws OperatorError (refused) when it cannot be recorded: what arms or loosens must not go unrecorded */
export const requireAudit = async (home: Home, now_ms: () => number, entry: Audited): Promise<void> => {
	const why = await recordAudit(home, now_ms, entry)
	if (why === undefined) return
	throw new OperatorError(`the audit log cannot be written: ${why}`, {
		exit_code: EXIT_CODES.refused,
		hint: `make room for ${home.audit}, or put its access right; then try again`,
	})
}

/**
 * Does something and records what became of it, a refusal or failure with its reason.
 * @param outcome what the record says of a result
 */
export const audited = async <Result>(
	home: Home,
	now_ms: () => number,
	asked: Pick<AuditEntry, 'what' | 'why'>,
	act: () => Promise<Result>,
	outcome: (result: Result) => Partial<Audited>,
): Promise<Result> => {
	const begun = performance.now()
	const timings = () => ({total_ms: Math.round(performance.now() - begun)})
	try {
		const result = await act()
		await recordAudit(home, now_ms, {...asked, timings: timings(), ...outcome(result)})
		return result
	} catch (error) {
		const refused = error instanceof OperatorError
		const after = {message: messageOf(error)}
		await recordAudit(home, now_ms, {...asked, timings: timings(), outcome: refused ? 'REFUSED' : 'FAILED', after})
		throw error
	}
}

export const auditLog = (home: Home, last: number): readonly AuditLine[] => readAudit(home, last)
export const auditProof = (home: Home): AuditProof => proveAuditFile(home)

/** What the log has against arming; undefined when it is whole. */
export const auditAgainst = (home: Home): string | undefined => {
	try {
		const {broken} = proveAuditFile(home)
		return broken && `the audit log is broken at line ${broken.line}: it ${broken.why} (qt audit verify)`
	} catch (error) {
		return `the audit log cannot be read: ${messageOf(error)}`
	}
}
