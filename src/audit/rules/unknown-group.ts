import {groupSubject, groupsOf} from '../groups.js'
import {readerOf} from '../liveness.js'
import {command} from '../quoting.js'
import {defineRule} from '../rule.js'

export const unknownGroup = defineRule({
	name: 'unknown-group',
	summary: 'A group that belongs to no unit, and keeps its stream from being trimmed.',
	severity: 'warning',
	remedy: 'take it away: qt redis --as host XGROUP DESTROY <stream> <group>',
	needs: ['redis'],
	look: (declared, {redis}) =>
		groupsOf(redis)
			.filter(({stream}) => declared.streams.some(({contract}) => contract.name === stream))
			.filter(group => readerOf(declared, group) === undefined)
			.map(({stream, group, consumers, pending}) => ({
				subject: groupSubject({stream, group}),
				declared: 'no unit reads with it',
				observed: `${consumers.length} consumers, ${pending} pending`,
				proof: command('qt', 'redis', 'XINFO', 'GROUPS', declared.naming.stream(stream)),
			})),
})
