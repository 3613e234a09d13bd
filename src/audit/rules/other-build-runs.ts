import {command, shown} from '../quoting.js'
import {defineRule} from '../rule.js'

export const otherBuildRuns = defineRule({
	name: 'other-build-runs',
	summary: 'A process runs that was started from another build than the one installed.',
	severity: 'warning',
	remedy: 'qt down, then qt up: every process is started from the build that is there',
	needs: ['build'],
	look: (_, {build, daemon, processes}) => {
		if (build.source_hash === null) return []
		const leaders = processes?.own.filter(({leader}) => leader) ?? []
		const running = [
			...(daemon ? [{name: 'daemon', pid: daemon.pid, version: daemon.version}] : []),
			...leaders.map(({name, pid, version}) => ({name, pid, version})),
		]
		return running
			.filter(({version}) => version !== build.version)
			.map(({name, pid, version}) => ({
				subject: name,
				declared: `version ${build.version}`,
				observed: `pid ${pid} runs ${shown(version)}`,
				proof:
					name === 'daemon' ? command('qt', 'status') : command('grep', '-az', 'QT_SUPERVISED', `/proc/${pid}/environ`),
			}))
	},
})
