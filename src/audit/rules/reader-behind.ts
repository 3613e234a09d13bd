import {readerOf, unitsUp} from '../liveness.js'
import {command, shown} from '../quoting.js'
import {defineRule} from '../rule.js'

export const readerBehind = defineRule({
	name: 'reader-behind',
	summary: 'A reader is further behind than its stream allows, and for longer than a moment.',
	severity: 'warning',
	remedy: 'qt streams shows whether it catches up; qt logs <reader> says what holds it up',
	needs: ['redis'],
	look: (declared, seen) => {
		const up = unitsUp(declared, seen)
		return declared.streams.flatMap(({contract: {name, backlog_max}}) => {
			const stream = seen.redis.streams.find(of => of.name === name)
			return (stream?.facts.groups ?? []).flatMap(
				({group, undelivered, undelivered_min, pending, oldest_undelivered}) => {
					const unit = readerOf(declared, {stream: name, group})
					const waiting = (undelivered ?? undelivered_min) + pending
					const age_ms = oldest_undelivered?.age_ms ?? 0
					if (unit === undefined || !up.has(unit) || waiting <= backlog_max) return []
					if (age_ms < declared.limits.behind_ms) return []
					return {
						subject: `${shown(group)} on ${name}`,
						declared: `at most ${backlog_max} entries behind`,
						observed: `${waiting} entries, the oldest for ${age_ms} ms`,
						proof: command('qt', 'streams'),
					}
				},
			)
		})
	},
})
