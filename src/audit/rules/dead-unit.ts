import {command} from '../quoting.js'
import {defineRule} from '../rule.js'

export const deadUnit = defineRule({
	name: 'dead-unit',
	summary: 'The daemon says that a unit is up, and its process is not in the process table.',
	severity: 'critical',
	remedy: 'qt restart <unit>; if the daemon itself is wedged: qt kill works without it',
	needs: ['daemon', 'processes'],
	look: (_, {daemon, processes}) =>
		daemon.units.flatMap(({name, state, pid}) =>
			state === 'RUNNING' && pid !== null && !processes.living.has(pid)
				? {
						subject: name,
						declared: `RUNNING with pid ${pid}, says the daemon`,
						observed: `no process ${pid} lives`,
						proof: command('ps', '-o', 'pid,stat,lstart,args', '-p', pid),
					}
				: [],
		),
})
