import {limits} from '../../engine/contracts/limits.js'
import {contractFlaw} from '../../engine/runtime/input.js'
import type {DeclaredStream} from '../declared.js'
import type {EntrySeen} from '../observed.js'
import {command, shown} from '../quoting.js'
import {defineRule} from '../rule.js'

const flawOf = ({contract}: DeclaredStream, {bytes, fields}: EntrySeen): string | undefined => {
	if (fields === null)
		return contract.wraps_entries ? undefined : `${bytes} bytes; at most ${limits.entry_bytes_max} are read`
	return contractFlaw(contract, fields)?.detail
}

export const brokenEntry = defineRule({
	name: 'broken-entry',
	summary: 'The newest entries of a stream break its contract.',
	severity: 'warning',
	remedy: 'qt streams dlq shows what was put aside; the entry names the unit that wrote it',
	needs: ['redis'],
	look: ({streams, naming}, {redis}) =>
		redis.streams.flatMap(({name, newest}) => {
			const stream = streams.find(({contract}) => contract.name === name)
			if (!stream) return []
			const broken = newest.flatMap(entry => {
				const flaw = flawOf(stream, entry)
				return flaw === undefined ? [] : [{id: entry.id, flaw}]
			})
			const [first] = broken
			if (!first) return []
			return {
				subject: name,
				declared: `entries of version ${stream.contract.version} of its contract`,
				observed: `${broken.length} of the newest ${newest.length} break it; ${first.id}: ${shown(first.flaw)}`,
				proof: command('qt', 'redis', 'XRANGE', naming.stream(name), first.id, first.id),
			}
		}),
})
