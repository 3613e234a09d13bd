import type {Declared} from '../declared.js'
import {unitsUp} from '../liveness.js'
import type {StreamSeen} from '../observed.js'
import {command, shown} from '../quoting.js'
import {defineRule} from '../rule.js'

/** Why nobody reads it, though somebody should; undefined where that is in order. */
const unread = (
	{streams, naming}: Declared,
	up: ReadonlySet<string>,
	{name, facts}: StreamSeen,
): string | undefined => {
	const stream = streams.find(({contract}) => contract.name === name)
	const groups = facts.groups.map(({group}) => group)
	if (!stream) return groups.length === 0 ? 'it has no group' : undefined
	const missing = stream.readers.filter(unit => up.has(unit) && !groups.includes(naming.group(unit, name)))
	if (missing.length > 0) return `${missing.join(', ')} runs and has no group there`
	if (stream.readers.length > 0 || stream.contract.pending?.reader !== undefined) return undefined
	return groups.length === 0 ? 'it has no group' : undefined
}

export const unreadStream = defineRule({
	name: 'unread-stream',
	summary: 'A stream is written, and nobody reads it.',
	severity: 'warning',
	remedy: 'qt restart <reader> makes its group anew; a stream without a reader is declared with one, or not written',
	needs: ['redis'],
	look: (declared, seen) => {
		const up = unitsUp(declared, seen)
		return seen.redis.streams.flatMap(stream => {
			const {name, facts} = stream
			const why = (facts.added ?? facts.length) > 0 ? unread(declared, up, stream) : undefined
			if (why === undefined) return []
			const readers = declared.streams.find(({contract}) => contract.name === name)?.readers ?? []
			return {
				subject: shown(name),
				declared: readers.length > 0 ? `read by ${readers.join(', ')}` : 'every stream has a reader',
				observed: `${facts.length} entries, and ${why}`,
				proof: command('qt', 'redis', 'XINFO', 'GROUPS', declared.naming.stream(name)),
			}
		})
	},
})
