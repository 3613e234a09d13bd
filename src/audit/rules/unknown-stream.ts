import {command, shown} from '../quoting.js'
import {defineRule} from '../rule.js'

export const unknownStream = defineRule({
	name: 'unknown-stream',
	summary: 'A stream that nobody declares.',
	severity: 'warning',
	remedy:
		'find who writes it (the newest entries name their unit), then declare it or delete it: qt redis --as host DEL <stream>',
	needs: ['redis'],
	look: ({streams, retired, naming}, {redis}) => {
		const known = new Set([
			...streams.flatMap(({contract}) => [contract.name, ...contract.former_names]),
			...retired.streams.map(({name}) => name),
		])
		return redis.streams
			.filter(({name}) => !known.has(name))
			.map(({name, facts}) => ({
				subject: shown(name),
				declared: 'no stream of this name',
				observed: `${facts.length} entries, ${facts.groups.length} groups`,
				proof: command('qt', 'redis', 'XREVRANGE', naming.stream(name), '+', '-', 'COUNT', 1),
			}))
	},
})
