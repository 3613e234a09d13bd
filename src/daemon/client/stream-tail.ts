import {setTimeout as pause} from 'node:timers/promises'
import type {Entry} from '../../engine/bus/bus.js'
import type {Fields} from '../../engine/contracts/field.js'
import {OperatorError} from '../../engine/errors.js'
import {EXIT_CODES} from '../../engine/exit-codes.js'
import type {State} from './state.js'

/** Entries looked at in one read, and at most for those that were asked for. */
const PAGE = 100
const LOOKED_AT_MAX = 50_000
const FOLLOW_EVERY_MS = 250

/** Whether an entry is wanted. */
export type Where = (fields: Fields) => boolean

/** `field=value` conditions, all of which must hold. @throws OperatorError (usage) */
export const whereOf = (conditions: readonly string[]): Where => {
	const pairs = conditions.map(text => {
		const at = text.indexOf('=')
		if (at > 0) return [text.slice(0, at), text.slice(at + 1)] as const
		throw new OperatorError(`--where ${text}: expected a field and its value`, {
			exit_code: EXIT_CODES.usage,
			hint: 'write it such as --where symbol=BTCUSDT; several must hold together',
		})
	})
	return fields => pairs.every(([name, value]) => fields[name] === value)
}

export type Tail = Readonly<{
	/** Oldest first. */
	entries: readonly Entry[]
	/** Entries that were looked at for them. */
	looked_at: number
	/** Id after which new ones come. */
	last_id: string
}>

/** The newest entries of a stream that are wanted, as many as asked for, looking back 50,000 at most. */
export const readTail = async ({bus}: State, key: string, count: number, where: Where): Promise<Tail> => {
	const found: Entry[] = []
	let looked_at = 0
	let last_id: string | undefined
	let to = '+'
	while (looked_at < LOOKED_AT_MAX) {
		const page = await bus.range(key, {to, count: Math.min(PAGE, Math.max(count, 1)), newest_first: true})
		last_id ??= page[0]?.id
		for (const entry of page) {
			if (found.length === count) break
			looked_at += 1
			if (where(entry.fields)) found.push(entry)
		}
		const oldest = page.at(-1)
		if (!oldest || found.length >= count) break
		to = `(${oldest.id}`
	}
	return {entries: found.reverse(), looked_at, last_id: last_id ?? '0-0'}
}

/** Hands over what is added after an id, until it is told to stop. */
export const followStream = async (
	{bus}: State,
	key: string,
	{after_id, where, signal}: Readonly<{after_id: string; where: Where; signal: AbortSignal}>,
	onEntry: (entry: Entry) => void,
): Promise<void> => {
	let last = after_id
	while (!signal.aborted) {
		const page = await bus.range(key, {from: `(${last}`, count: PAGE})
		for (const entry of page) if (where(entry.fields)) onEntry(entry)
		last = page.at(-1)?.id ?? last
		if (page.length < PAGE) await pause(FOLLOW_EVERY_MS, undefined, {signal}).catch(() => undefined)
	}
}
