import {command, shown} from '../quoting.js'
import {defineRule} from '../rule.js'

export const retiredStream = defineRule({
	name: 'retired-stream',
	summary: 'A stream under a name that is not used any more.',
	severity: 'warning',
	remedy: 'stop what still writes it, then delete it: qt redis --as host DEL <stream>',
	needs: ['redis'],
	look: ({streams, retired, naming}, {redis}) => {
		const former = streams.flatMap(({contract}) =>
			contract.former_names.map(name => ({name, summary: `now ${contract.name}`})),
		)
		const why = new Map([...former, ...retired.streams].map(({name, summary}) => [name, summary]))
		return redis.streams.flatMap(({name, facts}) => {
			const summary = why.get(name)
			if (summary === undefined) return []
			return {
				subject: shown(name),
				declared: `retired: ${summary}`,
				observed: `${facts.length} entries, ${facts.groups.length} groups`,
				proof: command('qt', 'redis', 'XINFO', 'STREAM', naming.stream(name)),
			}
		})
	},
})
