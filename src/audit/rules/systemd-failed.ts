import {shown} from '../quoting.js'
import {defineRule} from '../rule.js'
import {systemdProof} from '../systemd-units.js'

export const systemdFailed = defineRule({
	name: 'systemd-failed',
	summary: 'A systemd unit of ours has failed, or is restarted again and again.',
	severity: 'critical',
	remedy: 'see journalctl -u <unit>, then systemctl reset-failed <unit> and start it',
	needs: ['systemd'],
	look: (_, {systemd}) =>
		systemd
			.filter(({active, sub}) => active === 'failed' || sub === 'failed' || sub === 'auto-restart')
			.map(unit => ({
				subject: shown(unit.name),
				declared: 'active, or inactive on purpose',
				observed: `${unit.active} (${unit.sub})`,
				proof: systemdProof(unit),
			})),
})
