import {ownPids} from '../liveness.js'
import {command} from '../quoting.js'
import {defineRule} from '../rule.js'

export const foreignPort = defineRule({
	name: 'foreign-port',
	summary: 'A process that is none of ours listens on a port of the range.',
	severity: 'critical',
	remedy: 'end that process, or move the range: qt down, then qt up --ports <base>',
	needs: ['ports', 'processes'],
	look: ({ports}, seen) => {
		const own = ownPids(seen)
		return Object.entries(ports).flatMap(([unit, port]) =>
			seen.ports.listeners
				.filter(listener => listener.port === port && !listener.pids.some(pid => own.has(pid)))
				.map(({address, pids, uid}) => ({
					subject: `port ${port}`,
					declared: `${unit} alone listens there`,
					observed:
						pids.length > 0
							? `process ${pids.join(', ')} listens on ${address}`
							: `a process of user ${uid ?? 'unknown'} that cannot be seen from here listens on ${address}`,
					proof: command('ss', '-ltnp', `sport = :${port}`),
				})),
		)
	},
})
