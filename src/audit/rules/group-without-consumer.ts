import {groupSubject, groupsOf} from '../groups.js'
import {isLive, unitsUp} from '../liveness.js'
import {command} from '../quoting.js'
import {defineRule} from '../rule.js'

export const groupWithoutConsumer = defineRule({
	name: 'group-without-consumer',
	summary: 'A group that should be read has no live consumer.',
	severity: 'warning',
	remedy:
		'qt restart <reader>; a group that nobody reads is taken away: qt redis --as host XGROUP DESTROY <stream> <group>',
	needs: ['redis'],
	look: (declared, seen) => {
		const up = unitsUp(declared, seen)
		return groupsOf(seen.redis)
			.filter(group => !isLive(declared, seen.redis, up, group))
			.map(({stream, group, consumers}) => ({
				subject: groupSubject({stream, group}),
				declared: 'a consumer that reads',
				observed: consumers.length === 0 ? 'no consumer' : `${consumers.length} consumers, all of them silent`,
				proof: command('qt', 'redis', 'XINFO', 'CONSUMERS', declared.naming.stream(stream), group),
			}))
	},
})
