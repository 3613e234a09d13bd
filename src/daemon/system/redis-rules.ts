import {keyList, keys} from '../../engine/contracts/keys.js'
import type {Naming} from '../../engine/contracts/naming.js'
import {streams} from '../../engine/registry.js'
import {REDIS_USERS, type RedisUser} from './redis-login.js'

const READS = ['-@all', '+@read', '+@connection', '-@dangerous', '+ping', '+time', '+info'] as const
/** Scripts that only read, such as the survey of streams. */
const READ_SCRIPTS = ['+eval_ro', '+evalsha_ro', '+script|load'] as const
/** What a person looks at when a server is slow. */
const LOOKS = [
	...['+config|get', '+client|list', '+slowlog|get', '+slowlog|len', '+latency|latest', '+latency|doctor'],
	...['+memory|usage', '+memory|stats', '+memory|doctor', '+acl|whoami'],
] as const
/** A script runs under the rights of its caller; functions and the commands over the whole server belong to nobody. */
const WRITES = [
	...['-@all', '+@read', '+@write', '+@connection', '+@transaction', '-@dangerous', '-@scripting', '+eval', '+evalsha'],
	...['+ping', '+time', '+info', ...READ_SCRIPTS],
] as const

const everything = ({prefix}: Naming): string => `${prefix}*`

/** What an operator's commands write: the switches of the system, and the streams that a person may write to. */
const operatorPatterns = (naming: Naming): readonly string[] => [
	...keyList.filter(({operator_writes}) => operator_writes).map(contract => naming.pattern(contract)),
	...streams.filter(({operator_writes}) => operator_writes).map(({name}) => naming.stream(name)),
]

/** A kill by hand needs no password: whoever reaches the socket may stop the system, and do nothing else to it. */
const stopsByHand = (naming: Naming): readonly string[] => [
	`%R~${everything(naming)}`,
	`~${naming.key(keys.kill, {})}`,
	'+set',
]

const rulesOf = (user: RedisUser | 'default', naming: Naming): readonly string[] => {
	const named = {
		default: () => [...READS, ...stopsByHand(naming)],
		reader: () => [...READS, ...READ_SCRIPTS, ...LOOKS, ...stopsByHand(naming)],
		operator: () => [
			...WRITES,
			...LOOKS,
			`%R~${everything(naming)}`,
			...operatorPatterns(naming).map(pattern => `~${pattern}`),
		],
		host: () => [...WRITES, `~${everything(naming)}`],
	}
	return named[user]()
}

/** What `default` is narrowed to once the server has loaded its data: arguments of `ACL SETUSER default`. */
export const defaultRules = (naming: Naming): readonly string[] => [
	...['reset', 'on', 'nopass'],
	...rulesOf('default', naming),
]

/**
 * The users of a server, as Redis reads them from its `aclfile`: a line each, passwords as SHA-256. It loads its
 * append-only file as `default`, and leaves out the transactions that this user may not do (7.0: the check of EXEC):
 * so `default` may do everything until that is over.
 * @param hashes hex, by user
 */
export const redisRules = (naming: Naming, hashes: Readonly<Record<RedisUser, string>>): string =>
	[
		'user default reset on nopass ~* &* +@all',
		...REDIS_USERS.map(user => `user ${user} reset on #${hashes[user]} ${rulesOf(user, naming).join(' ')}`),
		'',
	].join('\n')
