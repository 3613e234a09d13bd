import {command, shown} from '../quoting.js'
import {defineRule} from '../rule.js'

export const unknownLag = defineRule({
	name: 'unknown-lag',
	summary: 'Nobody can tell how far a group is behind.',
	severity: 'warning',
	remedy: 'it is known again once the group has less than a thousand entries before it',
	needs: ['redis'],
	look: ({naming}, {redis}) =>
		redis.streams.flatMap(({name, facts}) =>
			facts.groups
				.filter(({undelivered}) => undelivered === null)
				.map(({group, undelivered_min}) => ({
					subject: `${shown(group)} on ${shown(name)}`,
					declared: 'a lag that is known',
					observed: `at least ${undelivered_min} entries wait, and the server does not say how many`,
					proof: command('qt', 'redis', 'XINFO', 'GROUPS', naming.stream(name)),
				})),
		),
})
