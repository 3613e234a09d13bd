import type {Report} from '../audit/report-schema.js'
import {EXIT_CODES} from '../engine/exit-codes.js'
import type {Outcome} from './envelope.js'

/** 0 clean, 3 with findings, 5 when there are none and not everything could be looked at. */
export const judgeAudit = ({
	verdict,
	findings,
	not_looked_at,
}: Report): Pick<Outcome<Report>, 'code' | 'message' | 'hint'> => {
	if (verdict === 'CLEAN') return {}
	if (verdict === 'FINDINGS') {
		const worst = findings.filter(({severity}) => severity === 'critical').length
		return {
			code: EXIT_CODES.drift,
			message: `${findings.length} findings, ${worst} of them critical`,
			hint: 'each finding names its remedy, and the command that shows the same; qt status for the units',
		}
	}
	return {
		code: EXIT_CODES.unreachable,
		message: `not everything could be looked at: ${not_looked_at.map(({part, why}) => `${part}: ${why}`).join('; ')}`,
		hint: 'see qt status; qt up starts the system',
	}
}
