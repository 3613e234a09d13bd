import {command, shown} from '../quoting.js'
import {defineRule} from '../rule.js'

const OTHERS = 0o077

export const readableCredentials = defineRule({
	name: 'readable-credentials',
	summary: 'A file with credentials can be read or changed by others.',
	severity: 'critical',
	remedy: 'chmod 600 it, then draw new credentials: others may have read these',
	needs: ['files'],
	look: (_, {files}) =>
		files
			.filter(({secret, mode}) => secret && (mode & OTHERS) !== 0)
			.map(({path, mode}) => ({
				subject: shown(path),
				declared: 'mode 0600',
				observed: `mode 0${mode.toString(8)}`,
				proof: command('stat', '-c', '%A %U %n', path),
			})),
})
