import {isLoopback} from '../../daemon/supervision/listeners.js'
import {ownPids} from '../liveness.js'
import {command} from '../quoting.js'
import {defineRule} from '../rule.js'

export const publicBind = defineRule({
	name: 'public-bind',
	summary: 'A process of ours can be reached from other machines.',
	severity: 'critical',
	remedy: 'bind it to 127.0.0.1; until then close the port in the firewall',
	needs: ['ports', 'processes'],
	look: (_, seen) => {
		const own = ownPids(seen)
		const nameOf = (pid: number | undefined) =>
			seen.processes.own.find(process => process.pid === pid)?.name ?? `process ${pid}`
		return seen.ports.listeners
			.filter(({address, pids}) => !isLoopback(address) && pids.some(pid => own.has(pid)))
			.map(({port, address, pids}) => ({
				subject: `port ${port}`,
				declared: 'loopback only',
				observed: `${nameOf(pids.find(pid => own.has(pid)))} (pid ${pids.join(', ')}) listens on ${address}`,
				proof: command('ss', '-ltnp', `sport = :${port}`),
			}))
	},
})
