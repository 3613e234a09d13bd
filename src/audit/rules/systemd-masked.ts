import {shown} from '../quoting.js'
import {defineRule} from '../rule.js'
import {systemdProof} from '../systemd-units.js'

export const systemdMasked = defineRule({
	name: 'systemd-masked',
	summary: 'A systemd unit of ours is masked: nothing can start it.',
	severity: 'warning',
	remedy: 'systemctl unmask <unit>, or remove its file',
	needs: ['systemd'],
	look: (_, {systemd}) =>
		systemd
			.filter(({load, enabled}) => load === 'masked' || enabled === 'masked')
			.map(unit => ({
				subject: shown(unit.name),
				declared: 'a unit that can be started',
				observed: `masked, ${unit.active}`,
				proof: systemdProof(unit),
			})),
})
