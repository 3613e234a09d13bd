import {groupSubject, groupsOf} from '../groups.js'
import {readerOf, unitsUp} from '../liveness.js'
import {command} from '../quoting.js'
import {defineRule} from '../rule.js'

export const readerBehind = defineRule({
	name: 'reader-behind',
	summary: 'A reader is further behind than its stream allows, and for longer than a moment.',
	severity: 'warning',
	remedy: 'qt streams shows whether it catches up; qt logs <reader> says what holds it up',
	needs: ['redis'],
	look: (declared, seen) => {
		const up = unitsUp(declared, seen)
		return groupsOf(seen.redis).flatMap(
			({stream, group, undelivered, undelivered_min, pending, oldest_undelivered}) => {
				const backlog_max = declared.streams.find(({contract}) => contract.name === stream)?.contract.backlog_max
				const unit = readerOf(declared, {stream, group})
				const waiting = (undelivered ?? undelivered_min) + pending
				const age_ms = oldest_undelivered?.age_ms ?? 0
				if (unit === undefined || !up.has(unit) || backlog_max === undefined || waiting <= backlog_max) return []
				if (age_ms < declared.limits.behind_ms) return []
				return {
					subject: groupSubject({stream, group}),
					declared: `at most ${backlog_max} entries behind`,
					observed: `${waiting} entries, the oldest for ${age_ms} ms`,
					proof: command('qt', 'streams'),
				}
			},
		)
	},
})
