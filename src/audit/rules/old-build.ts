import {command, shown} from '../quoting.js'
import {defineRule} from '../rule.js'

export const oldBuild = defineRule({
	name: 'old-build',
	summary: 'The build is older than the checkout.',
	severity: 'warning',
	remedy: 'npm run build, then qt down and qt up',
	needs: ['build'],
	look: (_, {build: {checkout, source_hash, commit, root, built_at}}) => {
		if (!checkout || source_hash === checkout.source_hash) return []
		return [
			{
				subject: 'build',
				declared: `the sources of the checkout at ${checkout.commit?.slice(0, 12) ?? 'no commit'}`,
				observed:
					source_hash === null
						? 'there is no finished build'
						: `built from others at ${shown(commit?.slice(0, 12) ?? 'no commit')}, on ${shown(built_at ?? 'an unknown day')}`,
				proof: command('cat', `${root}/dist/build.json`),
			},
		]
	},
})
