import {setTimeout as pause} from 'node:timers/promises'
import {type StreamSurvey, surveyStreams} from '../../engine/adapters/redis/stream-survey.js'
import {keys} from '../../engine/contracts/keys.js'
import {limits} from '../../engine/contracts/limits.js'
import type {Naming} from '../../engine/contracts/naming.js'
import {WINDOW_LEAST, WINDOW_USUAL_MS} from '../../engine/logic/stream-health.js'
import type {GroupSample} from '../../engine/logic/stream-window.js'
import {readersOf, retiredStreams, streamByName, streams} from '../../engine/registry.js'
import {CLIENT_LIMITS} from './client-limits.js'
import type {Home} from './home.js'
import {type State, withDeadline, withState} from './state.js'
import {type StreamStatus, type Subject, streamStatus} from './stream-status.js'

/** What several looks at streams say together. */
export type StreamsReading = Readonly<{
	/** Machine time of the last look, ms. */
	at_ms: number
	/** How many looks, and the machine time from the first to the last of them, ms. */
	samples: number
	span_ms: number
	streams: readonly StreamStatus[]
}>

/** A declared stream by its name; any other by the whole name of its key. */
export const subjectOf = (naming: Naming, name: string): Subject => {
	const contract = streamByName.get(name) ?? null
	const readers = contract ? readersOf(name).map(unit => ({unit: unit.name, group: naming.group(unit.name, name)})) : []
	return {name, key: contract ? naming.stream(name) : name, contract, readers}
}

/** Every declared stream, and every retired one. */
export const allSubjects = (naming: Naming): readonly Subject[] => [
	...streams.map(({name}) => subjectOf(naming, name)),
	...retiredStreams.map(({name}) => ({
		...{name, key: naming.stream(name), contract: null, readers: [], retired: true},
	})),
]

/** Which units hold a fresh lease at a moment of machine time, of those that read one of the streams. */
const readLeases = async (
	{bus, naming}: State,
	subjects: readonly Subject[],
	at_ms: number,
): Promise<ReadonlyMap<string, boolean>> => {
	const units = [...new Set(subjects.flatMap(({readers}) => readers.map(({unit}) => unit)))]
	const pipeline = bus.redis.pipeline()
	for (const unit of units) pipeline.hget(naming.key(keys.unitLease, {unit}), 'heartbeat_ms')
	const beats = (await pipeline.exec()) ?? []
	return new Map(
		units.map((unit, index) => [unit, at_ms - Number(beats[index]?.[1] ?? 0) <= limits.heartbeat_stale_ms]),
	)
}

const clockOf = (surveys: readonly StreamSurvey[]): number | undefined =>
	surveys.reduce<number | undefined>((last, survey) => (survey.state === 'stream' ? survey.at_ms : last), undefined)

/** Looks at streams again and again, and remembers what it saw of each group for a while. */
export class StreamWatch {
	readonly #samples = new Map<string, GroupSample[]>()
	#looks: number[] = []

	constructor(
		readonly subjects: readonly Subject[],
		/** How long a sample is remembered, ms. */
		readonly keep_ms: number,
		readonly now_ms: () => number,
	) {}

	/** Looks once more. @throws when Redis does not answer */
	async look(state: State): Promise<StreamsReading> {
		const surveys = await surveyStreams(
			state.bus.redis,
			this.subjects.map(({key}) => key),
		)
		const at_ms = clockOf(surveys) ?? this.now_ms()
		const alive = await readLeases(state, this.subjects, at_ms)
		this.#looks = [...this.#looks.filter(look => look < at_ms && look >= at_ms - this.keep_ms), at_ms]
		const statuses = this.subjects.flatMap((subject, index) => {
			const survey = surveys[index]
			if (!survey || (subject.retired && (survey.state !== 'stream' || survey.length === 0))) return []
			this.#remember(subject, survey, alive)
			return [streamStatus(subject, survey, group => this.#samples.get(`${subject.key} ${group}`) ?? [])]
		})
		const span_ms = at_ms - (this.#looks[0] ?? at_ms)
		return {at_ms, samples: this.#looks.length, span_ms, streams: statuses}
	}

	#remember({key, readers}: Subject, survey: StreamSurvey, alive: ReadonlyMap<string, boolean>): void {
		if (survey.state !== 'stream') {
			// What was seen of a stream that went away says nothing of the one that takes its name.
			for (const known of this.#samples.keys()) if (known.startsWith(`${key} `)) this.#samples.delete(known)
			return
		}
		const {at_ms, added, last_generated_id} = survey
		for (const group of survey.groups) {
			const unit = readers.find(reader => reader.group === group.group)?.unit
			const reader_alive = unit === undefined ? null : (alive.get(unit) ?? false)
			const name = `${key} ${group.group}`
			const kept = (this.#samples.get(name) ?? []).filter(sample => sample.at_ms >= at_ms - this.keep_ms)
			this.#samples.set(name, [...kept, {at_ms, added, last_generated_id, group, reader_alive}])
		}
	}
}

export type Observation = Readonly<{
	/** Machine time that is looked over, and between two looks, ms. */
	window_ms: number
	every_ms: number
	now_ms: () => number
	/** Ends it early. */
	signal?: AbortSignal
}>

/** Windows after which an observation ends though its window is not full. */
const PATIENCE = 2

/** Looks until the window is full. @throws OperatorError (unreachable) when one look takes too long */
export const observeStreams = async (
	state: State,
	subjects: readonly Subject[],
	{window_ms, every_ms, now_ms, signal}: Observation,
): Promise<StreamsReading> => {
	const watch = new StreamWatch(subjects, PATIENCE * window_ms, now_ms)
	const begun = now_ms()
	for (;;) {
		const reading = await withDeadline(watch.look(state), CLIENT_LIMITS.redis_read_ms, 'the reading')
		const full = reading.samples >= WINDOW_LEAST.samples && reading.span_ms >= window_ms
		// A clock of the server that stands still or goes back fills no window.
		const late = now_ms() - begun >= PATIENCE * window_ms
		if (signal?.aborted || full || late) return reading
		await pause(every_ms, undefined, {signal}).catch(() => undefined)
	}
}

const LOOKS = 6

/** How a window of machine time is looked over, and how long that may take at most, ms. */
export const observationOf = (
	window_ms: number,
	now_ms: () => number,
): Readonly<{observation: Observation; within_ms: number}> => ({
	observation: {window_ms, every_ms: Math.max(CLIENT_LIMITS.poll_ms, window_ms / LOOKS), now_ms},
	within_ms: window_ms + LOOKS * CLIENT_LIMITS.redis_read_ms,
})

type Look = Readonly<{
	window_ms?: number
	now_ms: () => number
	/** Called once Redis has let us in. */
	onBegin?: () => void
}>

/** All streams of a home over a window: one look says nothing of what moves. @throws OperatorError (unreachable) when Redis cannot be asked */
export const readStreams = (
	home: Home,
	{window_ms = WINDOW_USUAL_MS, now_ms, onBegin}: Look,
): Promise<StreamsReading> => {
	const {observation, within_ms} = observationOf(window_ms, now_ms)
	const look = (state: State) => {
		onBegin?.()
		return observeStreams(state, allSubjects(state.naming), observation)
	}
	return withState(home, look, {within_ms})
}
