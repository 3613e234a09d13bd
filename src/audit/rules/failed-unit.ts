import {command, shown} from '../quoting.js'
import {defineRule} from '../rule.js'

export const failedUnit = defineRule({
	name: 'failed-unit',
	summary: 'The daemon has given a unit up.',
	severity: 'critical',
	remedy: 'see qt logs <unit>, then qt reset <unit>',
	needs: ['daemon'],
	look: (_, {daemon}) =>
		daemon.units
			.filter(({state}) => state === 'FAILED')
			.map(({name, reason}) => ({
				subject: name,
				declared: 'RUNNING, or stopped by an operator',
				observed: `FAILED${reason === null ? '' : `: ${shown(reason)}`}`,
				proof: command('qt', 'status'),
			})),
})
