import {command, shown} from '../quoting.js'
import {defineRule} from '../rule.js'

export const unwrittenStream = defineRule({
	name: 'unwritten-stream',
	summary: 'A stream is read, and nobody writes it.',
	severity: 'warning',
	remedy: 'declare the unit that writes it, or take the group away: qt redis --as host XGROUP DESTROY <stream> <group>',
	needs: ['redis'],
	look: ({streams, naming}, {redis}) =>
		redis.streams
			.filter(({facts}) => facts.groups.length > 0 && (facts.added ?? facts.length) === 0)
			.filter(({name}) => {
				const stream = streams.find(({contract}) => contract.name === name)
				return !stream || (stream.writers.length === 0 && stream.contract.pending?.writer === undefined)
			})
			.map(({name, facts}) => ({
				subject: shown(name),
				declared: 'no unit writes it',
				observed: `never written, and read with ${facts.groups.map(({group}) => shown(group)).join(', ')}`,
				proof: command('qt', 'redis', 'XINFO', 'STREAM', naming.stream(name)),
			})),
})
