import {shown} from '../quoting.js'
import {defineRule} from '../rule.js'
import {systemdProof} from '../systemd-units.js'

export const systemdNotFound = defineRule({
	name: 'systemd-not-found',
	summary: 'A unit of ours that systemd is asked for has no unit file.',
	severity: 'warning',
	remedy:
		'remove what wants it (systemctl list-dependencies --reverse <unit>), or install its file again; then daemon-reload',
	needs: ['systemd'],
	look: (_, {systemd}) =>
		systemd
			.filter(({load}) => load === 'not-found')
			.map(unit => ({
				subject: shown(unit.name),
				declared: 'a unit file',
				observed: `load not-found, ${unit.active}`,
				proof: systemdProof(unit),
			})),
})
