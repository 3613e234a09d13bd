import {contractOf, retiredAs} from '../key-contracts.js'
import {command, shown} from '../quoting.js'
import {defineRule} from '../rule.js'

export const unknownKey = defineRule({
	name: 'unknown-key',
	summary: 'A key that fits no declared pattern.',
	severity: 'warning',
	remedy: 'find who wrote it, then declare its pattern or delete it: qt redis --as host DEL <key>',
	needs: ['redis'],
	look: (declared, {redis}) => {
		const {naming} = declared
		const streams = new Set(declared.streams.map(({contract}) => naming.stream(contract.name)))
		return redis.keys
			.filter(({type}) => type !== 'none')
			.filter(({name}) => !contractOf(declared, name) && !retiredAs(declared, name))
			.filter(({name}) => !streams.has(`${naming.prefix}${name}`))
			.map(({name, type}) => ({
				subject: shown(name),
				declared: 'no key of this pattern',
				observed: type,
				proof: command('qt', 'redis', 'TYPE', `${naming.prefix}${name}`),
			}))
	},
})
