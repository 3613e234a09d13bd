import {command, shown} from '../quoting.js'
import {defineRule} from '../rule.js'

const WRITE_BY_OTHERS = 0o022
const ENTERED_BY_OTHERS = 0o077

export const looseFile = defineRule({
	name: 'loose-file',
	summary: 'Others can change a file of the home, or enter one of its directories.',
	severity: 'warning',
	remedy: 'take the rights away: chmod go-rwx',
	needs: ['files'],
	look: (_, {files}) =>
		files
			.filter(({secret}) => !secret)
			.filter(({kind, mode}) => (mode & (kind === 'directory' ? ENTERED_BY_OTHERS : WRITE_BY_OTHERS)) !== 0)
			.map(({path, kind, mode}) => ({
				subject: shown(path),
				declared: kind === 'directory' ? 'mode 0700' : 'written by its owner alone',
				observed: `mode 0${mode.toString(8)}`,
				proof: command('stat', '-c', '%A %U %n', path),
			})),
})
