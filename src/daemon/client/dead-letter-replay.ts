import {replayScript, runScript} from '../../engine/adapters/redis/scripts.js'
import {encodeEnvelope} from '../../engine/contracts/envelope.js'
import {encodeFields, type Fields} from '../../engine/contracts/field.js'
import {keys} from '../../engine/contracts/keys.js'
import {events} from '../../engine/contracts/streams/ops.js'
import {OperatorError} from '../../engine/errors.js'
import {EXIT_CODES} from '../../engine/exit-codes.js'
import {readersOf, streamByName} from '../../engine/registry.js'
import {readEntry} from '../../engine/runtime/input.js'
import {type DeadLetter, letterName, listDeadLetters, originOf} from './dead-letters.js'
import {operatorEnvelope} from './operator-envelope.js'
import type {State} from './state.js'

export type ReplayResult = Readonly<{
	letter: DeadLetter
	/** REFUSED: `detail` says why. */
	outcome: 'REPLAYED' | 'REFUSED'
	/** Id that it now has on its stream; empty when refused. */
	entry_id: string
	detail: string
}>

type ReplayOptions = Readonly<{by: string; reason: string; all_readers: boolean; now_ms: () => number}>

const refused = (letter: DeadLetter, detail: string): ReplayResult => ({
	letter,
	outcome: 'REFUSED',
	entry_id: '',
	detail,
})

/** Why it must not go back; empty when it may. */
const objection = (letter: DeadLetter, all_readers: boolean, now_ms: number): string => {
	const {stream: name, fields, entry_id, replayed} = letter
	if (replayed) return `it was put back before, by ${replayed.by}`
	const stream = streamByName.get(name)
	if (!stream) return `there is no stream ${name || '(none named)'}`
	if (Object.keys(fields).length === 0) return 'the entry itself was lost: there is nothing to put back'
	const readers = readersOf(name)
	const [reader] = readers
	if (!reader) return `nobody reads ${name}`
	const port = Object.entries(reader.reads).find(([, of]) => of.name === name)?.[0] ?? ''
	const read = readEntry(reader, port, stream, {id: entry_id, fields}, now_ms)
	if ('reason' in read) return `it still breaks its contract: ${read.detail}`
	if (stream.operator_writes || readers.length === 1 || all_readers) return ''
	return `all ${readers.length} readers of ${name} would get it again; --all-readers says that they may`
}

/**
 * Puts a dead letter back on its stream as it was, under its own id, once: what it leads to has the ids that it would
 * have had, so that nothing is done twice. All of it and the record are one step.
 */
const replayLetter = async (
	state: State,
	letter: DeadLetter,
	{by, reason, all_readers, now_ms}: ReplayOptions,
): Promise<ReplayResult> => {
	const {bus, naming} = state
	const time_ms = now_ms()
	const against = objection(letter, all_readers, time_ms)
	if (against !== '') return refused(letter, against)
	const {id, held_in, stream, fields, entry_id} = letter
	const name = letterName(held_in, id)
	const what = `replay ${name}`
	const envelope = await operatorEnvelope(state, {what, by, time_ms, v: events.version})
	const event = {
		...encodeEnvelope(envelope),
		...encodeFields({event: 'DEAD_LETTER_REPLAYED', subject: stream, detail: `${name}: ${reason}`, by}),
	}
	// An entry written by hand was known by its id on the stream, which it does not keep.
	const entry = fields.id === undefined ? {...fields, id: entry_id} : fields
	const words = (of: Fields): string[] => Object.entries(of).flat()
	const counted = (of: Fields): string[] => [String(words(of).length), ...words(of)]
	const [outcome, answer = ''] = (await runScript(
		bus.redis,
		replayScript,
		[...[held_in, stream].map(of => naming.stream(of)), naming.key(keys.deadReplayed, {}), naming.stream(events.name)],
		[id, originOf(letter), JSON.stringify({by, time_ms, reason}), ...counted(entry), ...counted(event)],
	)) as [string, string?]
	if (outcome === 'replayed') return {letter, outcome: 'REPLAYED', entry_id: answer, detail: ''}
	return refused(letter, outcome === 'already' ? 'it was put back before' : 'it is no longer among the dead letters')
}

export type ReplayChoice = Readonly<{ids: readonly string[]; stream?: string | undefined}>
const ALL = 1_000_000

/**
 * The dead letters that were chosen, oldest first: by id, or all of one stream that were not put back yet.
 * @throws OperatorError (usage) when nothing is chosen or an id is not among them
 */
const chosenLetters = async (state: State, {ids, stream}: ReplayChoice): Promise<readonly DeadLetter[]> => {
	if ((ids.length === 0) === (stream === undefined))
		throw new OperatorError('name the dead letters to put back, or a stream with --stream, and not both', {
			exit_code: EXIT_CODES.usage,
			hint: 'qt streams dlq lists them',
		})
	const letters = [...(await listDeadLetters(state, {stream, limit: ALL}))].reverse()
	if (stream !== undefined) return letters.filter(({replayed}) => replayed === null)
	return ids.map(wanted => {
		const [found, other] = letters.filter(({id, held_in}) => wanted === id || wanted === letterName(held_in, id))
		if (found && !other) return found
		throw new OperatorError(other ? `${wanted} is the id of two dead letters` : `no dead letter has the id ${wanted}`, {
			exit_code: EXIT_CODES.usage,
			hint: other ? `write ${other.held_in}/${wanted}` : 'qt streams dlq lists them',
		})
	})
}

/** Puts back what was chosen, one after the other, in the order in which it died. */
export const replayChosen = async (
	state: State,
	choice: ReplayChoice,
	options: ReplayOptions,
): Promise<readonly ReplayResult[]> => {
	const results: ReplayResult[] = []
	for (const letter of await chosenLetters(state, choice)) results.push(await replayLetter(state, letter, options))
	return results
}
