import type {GroupFacts} from '../../engine/logic/stream-backlog.js'
import type {DeclaredStream} from '../declared.js'
import {groupSubject, groupsOf} from '../groups.js'
import {command} from '../quoting.js'
import {defineRule} from '../rule.js'

/** Telemetry may be trimmed unread: it is told of while the reader has the gap before it, and not for ever after. */
const matters = (stream: DeclaredStream | undefined, {undelivered}: GroupFacts): boolean =>
	stream?.contract.criticality !== 'telemetry' || (undelivered ?? 0) > 0

export const lostEntries = defineRule({
	name: 'lost-entries',
	summary: 'Entries were removed before a group was given them, and the lag of the server lies about it.',
	severity: 'critical',
	remedy:
		'qt audit flow names what has no outcome; see what trimmed the stream, for the daemon never trims unread entries',
	needs: ['redis'],
	look: ({streams, naming}, {redis}) =>
		groupsOf(redis).flatMap(group => {
			const {stream, lost, reported_lag, undelivered} = group
			const known = streams.find(({contract}) => contract.name === stream)
			if ((lost ?? 0) === 0 || !matters(known, group)) return []
			return {
				subject: groupSubject(group),
				severity: known?.contract.criticality === 'money' ? ('critical' as const) : ('warning' as const),
				declared: 'nothing is removed unread',
				observed: `${lost} entries lost; the server says a lag of ${reported_lag ?? 'nothing'}, and ${undelivered ?? 'an unknown number'} wait`,
				proof: command('qt', 'redis', 'XINFO', 'STREAM', naming.stream(stream), 'FULL', 'COUNT', 1),
			}
		}),
})
