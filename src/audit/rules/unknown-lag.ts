import {groupSubject, groupsOf} from '../groups.js'
import {command} from '../quoting.js'
import {defineRule} from '../rule.js'

export const unknownLag = defineRule({
	name: 'unknown-lag',
	summary: 'Nobody can tell how far a group is behind.',
	severity: 'warning',
	remedy: 'it is known again once the group has less than a thousand entries before it',
	needs: ['redis'],
	look: ({naming}, {redis}) =>
		groupsOf(redis)
			.filter(({undelivered}) => undelivered === null)
			.map(({stream, group, undelivered_min}) => ({
				subject: groupSubject({stream, group}),
				declared: 'a lag that is known',
				observed: `at least ${undelivered_min} entries wait, and the server does not say how many`,
				proof: command('qt', 'redis', 'XINFO', 'GROUPS', naming.stream(stream)),
			})),
})
