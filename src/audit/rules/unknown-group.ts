import {readerOf} from '../liveness.js'
import {command, shown} from '../quoting.js'
import {defineRule} from '../rule.js'

export const unknownGroup = defineRule({
	name: 'unknown-group',
	summary: 'A group that belongs to no unit, and keeps its stream from being trimmed.',
	severity: 'warning',
	remedy: 'take it away: qt redis --as host XGROUP DESTROY <stream> <group>',
	needs: ['redis'],
	look: (declared, {redis}) =>
		redis.streams
			.filter(({name}) => declared.streams.some(({contract}) => contract.name === name))
			.flatMap(({name, facts}) =>
				facts.groups
					.filter(({group}) => readerOf(declared, {stream: name, group}) === undefined)
					.map(({group, consumers, pending}) => ({
						subject: `${shown(group)} on ${name}`,
						declared: 'no unit reads with it',
						observed: `${consumers.length} consumers, ${pending} pending`,
						proof: command('qt', 'redis', 'XINFO', 'GROUPS', declared.naming.stream(name)),
					})),
			),
})
