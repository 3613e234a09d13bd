import {command, shown} from '../quoting.js'
import {defineRule} from '../rule.js'

/** One restart is what supervision is for; from here on it is a loop. */
const RESTARTS_MAX = 1

export const restartingProcess = defineRule({
	name: 'restarting-process',
	summary: 'A process ends again and again.',
	severity: 'warning',
	remedy: 'see qt logs <process> for what ends it',
	needs: ['daemon'],
	look: (_, {daemon}) =>
		daemon.processes
			.filter(({restarts_in_window}) => restarts_in_window > RESTARTS_MAX)
			.map(({name, restarts_in_window, last_error}) => ({
				subject: name,
				declared: `at most ${RESTARTS_MAX} restart in the window of its supervisor`,
				observed: `${restarts_in_window}${last_error === null ? '' : `, the last after: ${shown(last_error)}`}`,
				proof: command('qt', 'status', '--json'),
			})),
})
