import {contractOf} from '../key-contracts.js'
import {command, shown} from '../quoting.js'
import {defineRule} from '../rule.js'

export const keyTtl = defineRule({
	name: 'key-ttl',
	summary: 'A key stays for good that should end, or ends that should stay.',
	severity: 'warning',
	remedy: 'qt redis --as host PEXPIRE <key> <ms>, or qt redis --as host PERSIST <key>; then find what wrote it so',
	needs: ['redis'],
	look: (declared, {redis}) =>
		redis.keys.flatMap(({name, type, ttl_ms}) => {
			const contract = contractOf(declared, name)
			if (!contract || type === 'none' || (contract.ttl_ms === undefined) === (ttl_ms === null)) return []
			return {
				subject: shown(name),
				declared: contract.ttl_ms === undefined ? 'kept for good' : `removed after ${contract.ttl_ms} ms`,
				observed: ttl_ms === null ? 'no TTL' : `removed in ${ttl_ms} ms`,
				proof: command('qt', 'redis', 'PTTL', `${declared.naming.prefix}${name}`),
			}
		}),
})
