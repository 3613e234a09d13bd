import type {RedisBus} from '../../engine/adapters/redis/redis-bus.js'
import type {Naming} from '../../engine/contracts/naming.js'
import {OperatorError} from '../../engine/errors.js'
import {EXIT_CODES} from '../../engine/exit-codes.js'
import {retiredStreams, streams} from '../../engine/registry.js'
import {closestName} from '../supervision/closest-name.js'
import type {State} from './state.js'
import type {Subject} from './stream-status.js'
import {subjectOf} from './stream-watch.js'

/** A declared stream by its name, a former name, or the name of its key. */
const declared = (naming: Naming, typed: string): string | undefined =>
	streams.find(({name, former_names}) => [name, naming.stream(name), ...former_names].includes(typed))?.name

/** Whether there is a stream under a key. What this user may not look at is none for him. */
const isStream = async (bus: RedisBus, key: string): Promise<boolean> => {
	try {
		return (await bus.redis.type(key)) === 'stream'
	} catch (error) {
		if (error instanceof Error && error.message.startsWith('NOPERM')) return false
		throw error
	}
}

/**
 * The stream that somebody typed: declared, or there under that name or key though nobody declares it.
 * @throws OperatorError (usage) with the nearest name
 */
export const requireSubject = async ({bus, naming}: State, typed: string): Promise<Subject> => {
	const name = declared(naming, typed)
	if (name !== undefined) return subjectOf(naming, name)
	for (const key of [naming.stream(typed), typed])
		if (await isStream(bus, key)) return {...subjectOf(naming, key), name: typed}
	const near = closestName(
		typed,
		[...streams, ...retiredStreams].map(of => of.name),
	)
	throw new OperatorError(`unknown stream: ${typed}`, {
		exit_code: EXIT_CODES.usage,
		hint: near ? `did you mean ${near}?` : 'qt streams lists them',
	})
}
