import {contractOf, retiredAs} from '../key-contracts.js'
import {command, shown} from '../quoting.js'
import {defineRule} from '../rule.js'

export const retiredKey = defineRule({
	name: 'retired-key',
	summary: 'A key under a name that is not used any more.',
	severity: 'warning',
	remedy: 'stop what still writes it, then delete it: qt redis --as host DEL <key>',
	needs: ['redis'],
	look: (declared, {redis}) =>
		redis.keys.flatMap(({name, type}) => {
			const retired = contractOf(declared, name) ? undefined : retiredAs(declared, name)
			if (!retired || type === 'none') return []
			return {
				subject: shown(name),
				declared: `retired: ${retired.summary}`,
				observed: type,
				proof: command('qt', 'redis', 'TYPE', `${declared.naming.prefix}${name}`),
			}
		}),
})
