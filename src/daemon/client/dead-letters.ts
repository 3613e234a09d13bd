import type {Entry} from '../../engine/bus/bus.js'
import {compareIds} from '../../engine/bus/stream-id.js'
import type {Fields} from '../../engine/contracts/field.js'
import {keys} from '../../engine/contracts/keys.js'
import type {StreamContract} from '../../engine/contracts/stream.js'
import {deadLetters} from '../../engine/contracts/streams/ops.js'
import {intentDeadLetter} from '../../engine/contracts/streams/trade.js'
import {OperatorError} from '../../engine/errors.js'
import {EXIT_CODES} from '../../engine/exit-codes.js'
import {streamByName, streams} from '../../engine/registry.js'
import {closestName} from '../supervision/closest-name.js'
import type {State} from './state.js'
import {streamPages} from './stream-pages.js'

/** An entry that could not be handled, or was refused by the bridge. */
export type DeadLetter = Readonly<{
	/** Its own id among the dead letters. */
	id: string
	/** The stream of dead letters that holds it. */
	held_in: string
	/** Where it came from, and its id there. */
	stream: string
	entry_id: string
	/** Who could not handle it, or would not. */
	unit: string
	reason: string
	detail: string
	deliveries: number
	/** The entry as it was. */
	fields: Fields
	/** Whether it was put back, by whom and when (machine time, ms). */
	replayed: Replayed | null
}>
export type Replayed = Readonly<{
	by: string
	time_ms: number
	reason: string
	/** Id that it has on its stream since. */
	entry_id: string
}>

/** Where dead letters lie. */
export const DEAD_LETTERS: readonly StreamContract[] = [intentDeadLetter, deadLetters]

const parsed = (text: string | undefined): unknown => {
	try {
		return JSON.parse(text ?? '')
	} catch {
		return undefined
	}
}
const fieldsOf = (text: string | undefined): Fields => {
	const read = parsed(text)
	return typeof read === 'object' && read !== null ? (read as Fields) : {}
}

/** What tells a dead letter from those of the other stream. */
export const letterName = (held_in: string, id: string): string => `${held_in}/${id}`
/** What was put back is known by where it was before: several readers may have buried the same entry. */
export const originOf = ({stream, entry_id}: Readonly<{stream: string; entry_id: string}>): string =>
	`${stream}/${entry_id}`

/** An entry that died again after it was put back is another dead letter. */
const replayedOf = (id: string, text: string | undefined): Replayed | null => {
	const read = parsed(text) as Replayed | undefined
	return read && compareIds(id, read.entry_id) < 0 ? read : null
}

const letterOf = (holder: StreamContract, {id, fields}: Entry, replayed: Fields): DeadLetter => ({
	id,
	held_in: holder.name,
	stream: fields.stream ?? '',
	entry_id: fields.entry_id ?? '',
	unit: fields.unit ?? '',
	reason: fields.reason ?? '',
	detail: fields.detail ?? '',
	deliveries: Number(fields.deliveries ?? 0),
	fields: fieldsOf(fields.fields),
	replayed: replayedOf(id, replayed[originOf({stream: fields.stream ?? '', entry_id: fields.entry_id ?? ''})]),
})

/** @throws OperatorError (usage) for a stream that does not exist */
const known = (name: string): StreamContract => {
	const stream = streamByName.get(name)
	if (stream) return stream
	const near = closestName(
		name,
		streams.map(of => of.name),
	)
	throw new OperatorError(`unknown stream: ${name}`, {
		exit_code: EXIT_CODES.usage,
		hint: near ? `did you mean ${near}?` : 'qt streams lists them',
	})
}

/** The newest dead letters, newest first; of one stream where it is named. */
export const listDeadLetters = async (
	state: State,
	{stream, limit}: Readonly<{stream?: string | undefined; limit: number}>,
): Promise<readonly DeadLetter[]> => {
	const wanted = stream === undefined ? undefined : known(stream).name
	const replayed = await state.bus.hashAll(state.naming.key(keys.deadReplayed, {}))
	const found: DeadLetter[] = []
	for (const holder of DEAD_LETTERS)
		for await (const page of streamPages(state, holder, {newest_first: true})) {
			const letters = page.map(entry => letterOf(holder, entry, replayed))
			found.push(...letters.filter(letter => wanted === undefined || letter.stream === wanted))
			if (found.length >= limit * DEAD_LETTERS.length) break
		}
	return found.sort((left, right) => Number.parseInt(right.id, 10) - Number.parseInt(left.id, 10)).slice(0, limit)
}
