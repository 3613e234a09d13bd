import {command} from '../quoting.js'
import {defineRule} from '../rule.js'

export const duplicateInstance = defineRule({
	name: 'duplicate-instance',
	summary: 'Two processes of one name run for this home.',
	severity: 'critical',
	remedy: 'end the one that the daemon does not know (qt status names its pid), then qt restart <process>',
	needs: ['processes'],
	look: (_, {processes}) => {
		const leaders = processes.own.filter(({leader}) => leader)
		return [...new Set(leaders.map(({name}) => name))].flatMap(name => {
			const pids = leaders.filter(process => process.name === name).map(({pid}) => pid)
			if (pids.length < 2) return []
			return {
				subject: name,
				declared: 'one process',
				observed: `${pids.length}: pids ${pids.join(', ')}`,
				proof: command('ps', '-o', 'pid,lstart,args', '-p', pids.join(',')),
			}
		})
	},
})
