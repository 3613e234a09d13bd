import {command} from '../quoting.js'
import {defineRule} from '../rule.js'

export const silentPort = defineRule({
	name: 'silent-port',
	summary: 'A unit runs, and nobody listens on its port.',
	severity: 'warning',
	remedy: 'qt restart <unit>; qt logs <unit> says why it does not listen',
	needs: ['ports', 'daemon'],
	look: ({ports}, seen) =>
		seen.daemon.units
			.filter(({state, name}) => state === 'RUNNING' && ports[name] !== undefined)
			.filter(({name}) => !seen.ports.listeners.some(({port}) => port === ports[name]))
			.map(({name}) => ({
				subject: name,
				declared: `port ${ports[name]}`,
				observed: 'RUNNING, and nobody listens there',
				proof: command('ss', '-ltn', `sport = :${ports[name]}`),
			})),
})
