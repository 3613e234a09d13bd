import {command} from '../quoting.js'
import {defineRule} from '../rule.js'

export const missingProgram = defineRule({
	name: 'missing-program',
	summary: 'A program of this build is missing.',
	severity: 'critical',
	remedy: 'npm run build',
	needs: ['build'],
	look: (_, {build: {missing, root}}) =>
		missing.map(path => ({
			subject: path,
			declared: 'a program of the build',
			observed: 'there is no such file',
			proof: command('ls', '-l', `${root}/dist/${path}`),
		})),
})
