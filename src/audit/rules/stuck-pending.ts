import {groupSubject, groupsOf} from '../groups.js'
import {isOwner, readerOf, unitsUp} from '../liveness.js'
import {command, shown} from '../quoting.js'
import {defineRule} from '../rule.js'

export const stuckPending = defineRule({
	name: 'stuck-pending',
	summary: 'Entries were given to a consumer and are not acknowledged for too long.',
	severity: 'warning',
	remedy: 'qt restart <reader>: the next start takes over what was left behind, in order',
	needs: ['redis'],
	look: (declared, seen) => {
		const {naming, limits} = declared
		const up = unitsUp(declared, seen)
		return groupsOf(seen.redis).flatMap(({stream, group, pending, oldest_pending: oldest}) => {
			if (!oldest) return []
			if (oldest.idle_ms < limits.pending_idle_ms && oldest.deliveries < limits.deliveries_max) return []
			const unit = readerOf(declared, {stream, group})
			// What a unit that is stopped holds under its own name waits for its next start.
			const waits = isOwner(declared, seen.redis, {stream, group, consumer: oldest.consumer})
			if (unit !== undefined && !up.has(unit) && waits) return []
			return {
				subject: groupSubject({stream, group}),
				declared: `handled within ${limits.pending_idle_ms} ms and ${limits.deliveries_max} deliveries`,
				observed: `${pending} pending; ${oldest.id} with ${shown(oldest.consumer)} for ${oldest.idle_ms} ms after ${oldest.deliveries} deliveries`,
				proof: command('qt', 'redis', 'XPENDING', naming.stream(stream), group, '-', '+', 10),
			}
		})
	},
})
