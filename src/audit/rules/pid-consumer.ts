import {groupSubject, groupsOf} from '../groups.js'
import {isOwner} from '../liveness.js'
import {command, shown} from '../quoting.js'
import {defineRule} from '../rule.js'

/** A number by itself that is no slot: what is made of a process id changes with every start. */
const PID = /(?<![\p{L}\p{N}])\d{2,10}(?![\p{L}\p{N}])/u

export const pidConsumer = defineRule({
	name: 'pid-consumer',
	summary: 'A consumer is named after a process id, so that each restart leaves one behind.',
	severity: 'warning',
	remedy: 'name consumers <host>.<unit>.<slot>; qt streams reap removes those that are dead',
	needs: ['redis'],
	look: (declared, {redis}) =>
		groupsOf(redis).flatMap(({stream, group, consumers}) => {
			const named = consumers.filter(
				({name: consumer}) => PID.test(consumer) && !isOwner(declared, redis, {stream, group, consumer}),
			)
			const [first] = named
			if (!first) return []
			return {
				subject: groupSubject({stream, group}),
				declared: 'names that stay over restarts',
				observed: `${named.length} of ${consumers.length}, such as ${shown(first.name)}`,
				proof: command('qt', 'redis', 'XINFO', 'CONSUMERS', declared.naming.stream(stream), group),
			}
		}),
})
