import {command} from '../quoting.js'
import {defineRule} from '../rule.js'

export const contestedPort = defineRule({
	name: 'contested-port',
	summary: 'Two units are declared on one port, or two processes listen on one.',
	severity: 'critical',
	remedy: 'give each unit a port of its own: correct run/ports.json of the home, then qt down and qt up',
	needs: ['ports'],
	look: ({ports, home}, {ports: {listeners}}) => {
		const declared = [...new Set(Object.values(ports))].flatMap(port => {
			const names = Object.keys(ports).filter(name => ports[name] === port)
			if (names.length < 2) return []
			return {
				subject: `port ${port}`,
				declared: 'one unit per port',
				observed: `${names.join(' and ')} both have it`,
				proof: command('cat', `${home}/run/ports.json`),
			}
		})
		const shared = Object.entries(ports).flatMap(([unit, port]) => {
			const holders = new Set(listeners.filter(of => of.port === port).flatMap(({pids}) => pids.slice(0, 1)))
			if (holders.size < 2) return []
			return {
				subject: `port ${port}`,
				declared: `${unit} alone listens there`,
				observed: `processes ${[...holders].join(' and ')} share it`,
				proof: command('ss', '-ltnp', `sport = :${port}`),
			}
		})
		return [...declared, ...shared]
	},
})
