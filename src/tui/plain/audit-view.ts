import type {AuditLine, AuditProof} from '../../engine/logic/audit-chain.js'
import type {Paint} from './colour.js'
import {table} from './table.js'
import {instant, oneLine} from './terms.js'

/** Records of the audit log, the newest last. */
export const auditView = (lines: readonly AuditLine[], paint: Paint, width = Number.POSITIVE_INFINITY): string =>
	lines.length === 0
		? paint('faint', 'nothing is recorded yet')
		: table(
				[
					{heading: 'N', align: 'right', value: ({n}) => String(n)},
					{heading: 'UTC', drop: 1, value: ({time_ms}) => instant(time_ms)},
					{heading: 'WHO', value: ({who}) => oneLine(who)},
					{heading: 'WHAT', value: ({what}) => oneLine(what)},
					{heading: 'OUTCOME', value: ({outcome}) => oneLine(outcome)},
					{heading: 'WHY', prose: true, value: ({why}) => oneLine(why)},
				],
				lines,
				{width},
			)

/** Whether the chain holds, and up to where. */
export const auditProofView = ({sound, lines, kept, broken, head}: AuditProof, paint: Paint): string =>
	[
		`${paint(broken ? 'bad' : 'good', broken ? 'BROKEN' : 'SOUND')}  ${sound} of ${lines} lines follow each other, ${kept} are vouched for by the head that is kept apart`,
		...(head ? [`last sound record ${head.n} of ${instant(head.time_ms)} UTC, hash ${head.hash}`] : []),
	].join('\n')
