import {contractOf} from '../key-contracts.js'
import {command, shown} from '../quoting.js'
import {defineRule} from '../rule.js'

export const keyType = defineRule({
	name: 'key-type',
	summary: 'A key holds another type than its contract says.',
	severity: 'critical',
	remedy: 'stop its owner, delete the key, start the owner again: qt redis --as host DEL <key>',
	needs: ['redis'],
	look: (declared, {redis}) => {
		const streams = new Map(
			declared.streams.map(({contract, writers}) => [declared.naming.stream(contract.name), writers]),
		)
		return redis.keys.flatMap(({name, type}) => {
			const key = `${declared.naming.prefix}${name}`
			const contract = contractOf(declared, name)
			const writers = streams.get(key)
			if (type === 'none' || (!contract && !writers) || contract?.type === type) return []
			return {
				subject: shown(name),
				declared: contract
					? `${contract.type}, written by ${contract.owner}`
					: `stream, written by ${writers?.join(', ')}`,
				observed: type,
				proof: command('qt', 'redis', 'TYPE', key),
			}
		})
	},
})
