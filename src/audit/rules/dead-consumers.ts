import {groupSubject, groupsOf} from '../groups.js'
import {isOwner} from '../liveness.js'
import {command} from '../quoting.js'
import {defineRule} from '../rule.js'

export const deadConsumers = defineRule({
	name: 'dead-consumers',
	summary: 'A group has consumers that will not come back.',
	severity: 'warning',
	remedy: 'qt streams reap removes those that hold nothing; what the others hold goes to the next start of the unit',
	needs: ['redis'],
	look: (declared, {redis}) =>
		groupsOf(redis).flatMap(({stream, group, consumers}) => {
			const dead = consumers.filter(
				({name: consumer, idle_ms}) =>
					idle_ms >= declared.limits.consumer_idle_ms && !isOwner(declared, redis, {stream, group, consumer}),
			)
			if (dead.length === 0) return []
			const held = dead.reduce((sum, {pending}) => sum + pending, 0)
			const oldest = Math.max(...dead.map(({idle_ms}) => idle_ms))
			return {
				subject: groupSubject({stream, group}),
				declared: 'one consumer per unit, under a name that stays',
				observed: `${dead.length} of ${consumers.length} silent for up to ${oldest} ms, holding ${held} entries`,
				proof: command('qt', 'redis', 'XINFO', 'CONSUMERS', declared.naming.stream(stream), group),
			}
		}),
})
