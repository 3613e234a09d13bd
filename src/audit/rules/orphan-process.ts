import {command} from '../quoting.js'
import {defineRule} from '../rule.js'

export const orphanProcess = defineRule({
	name: 'orphan-process',
	summary: 'A process of this home runs that no daemon watches over.',
	severity: 'warning',
	remedy: 'qt up takes over what is declared and ends the rest; qt kill stops all sending at once',
	needs: ['processes'],
	look: (_, {processes: {own, daemon_pid}, daemon}) => {
		if (!daemon && daemon_pid !== null) return []
		const watched = new Set(daemon?.processes.map(({name}) => name))
		return own
			.filter(({leader, name}) => leader && !watched.has(name))
			.map(({name, pid}) => ({
				subject: name,
				declared: daemon ? 'no process of this name' : 'a daemon watches over it',
				observed: `pid ${pid} runs${daemon ? '' : ', and no daemon does'}`,
				proof: command('ps', '-o', 'pid,ppid,lstart,args', '-p', pid),
			}))
	},
})
