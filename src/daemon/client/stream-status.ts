import type {StreamSurvey} from '../../engine/adapters/redis/stream-survey.js'
import type {StreamContract} from '../../engine/contracts/stream.js'
import type {ConsumerRow, GroupFacts} from '../../engine/logic/stream-backlog.js'
import {type GroupHealth, type Health, judge} from '../../engine/logic/stream-health.js'
import {type GroupSample, ratesOf} from '../../engine/logic/stream-window.js'

/** A stream to look at: its name in Redis, and its contract where somebody declares it. */
export type Subject = Readonly<{
	name: string
	key: string
	contract: StreamContract | null
	/** Declared groups with the units that read with them. */
	readers: ReadonlyArray<Readonly<{unit: string; group: string}>>
	/** Nothing should write it any more. */
	retired?: boolean
}>

/** One group of one stream over a window of samples. `null` is unknown, which is not nothing. */
export type GroupStatus = GroupHealth &
	Readonly<{
		group: string
		/** The unit that reads it; null for a group that nobody declares. */
		unit: string | null
		/** MISSING: the unit has not come yet, there is no group. */
		presence: 'PRESENT' | 'MISSING' | 'UNDECLARED'
		/** See GroupFacts: null with `undelivered_min` is "at least so many". */
		undelivered: number | null
		undelivered_min: number | null
		undelivered_exact: boolean
		lost: number | null
		pending: number | null
		oldest_pending: GroupFacts['oldest_pending']
		consumers: readonly ConsumerRow[] | null
		last_delivered_id: string | null
		acknowledged_id: string | null
		/** Undelivered entries at each sample of the window, oldest first. */
		history: readonly (number | null)[]
	}>

export type StreamStatus = Readonly<{
	stream: string
	/** Null for a stream that nobody declares. */
	criticality: 'money' | 'telemetry' | null
	/** RETIRED: nothing should write it any more. ABSENT: nothing was ever written. OTHER: the key is no stream. */
	state: 'PRESENT' | 'ABSENT' | 'RETIRED' | 'OTHER' | 'UNREADABLE'
	/** The type of a key that is no stream, or what the server said. */
	detail: string
	length: number | null
	/** Entries ever added. */
	added: number | null
	backlog_max: number | null
	retention_max: number | null
	/** Machine time since the oldest and the newest entry, ms. */
	oldest_ms: number | null
	newest_ms: number | null
	groups: readonly GroupStatus[]
}>

const missing = (group: string, unit: string): GroupStatus => ({
	...{
		group,
		unit,
		presence: 'MISSING',
		status: 'UNKNOWN',
		reason: `there is no such group: ${unit} has not read it yet`,
	},
	...ratesOf([]),
	...{undelivered: null, undelivered_min: null, undelivered_exact: false, lost: null, pending: null},
	...{oldest_pending: null, consumers: null, last_delivered_id: null, acknowledged_id: null, history: []},
})

const groupStatus = (
	{contract}: Subject,
	unit: string | null,
	facts: GroupFacts,
	samples: readonly GroupSample[],
): GroupStatus => {
	const {undelivered, undelivered_min, undelivered_exact, lost, pending, oldest_pending, consumers} = facts
	const rules = {
		backlog_max: contract?.backlog_max ?? null,
		loss_allowed: contract?.criticality === 'telemetry',
	}
	return {
		group: facts.group,
		unit,
		presence: unit === null ? 'UNDECLARED' : 'PRESENT',
		...judge(samples, rules),
		...{undelivered, undelivered_min, undelivered_exact, lost, pending, oldest_pending, consumers},
		last_delivered_id: facts.last_delivered_id,
		acknowledged_id: facts.acknowledged_id,
		history: samples.map(({group}) => group.undelivered),
	}
}

const STATES = {absent: 'ABSENT', other: 'OTHER', unreadable: 'UNREADABLE'} as const

/** What a stream and its groups are like now, with what earlier looks at each group saw. */
export const streamStatus = (
	subject: Subject,
	survey: StreamSurvey,
	samplesOf: (group: string) => readonly GroupSample[],
): StreamStatus => {
	const {name, contract, readers, retired} = subject
	const declared = {
		stream: name,
		criticality: contract?.criticality ?? null,
		backlog_max: contract?.backlog_max ?? null,
		retention_max: contract?.retention_max ?? null,
	}
	if (survey.state !== 'stream') {
		const detail = survey.state === 'other' ? survey.type : survey.state === 'unreadable' ? survey.problem : ''
		const groups = readers.map(({group, unit}) => missing(group, unit))
		const none = {length: survey.state === 'absent' ? 0 : null, added: null, oldest_ms: null, newest_ms: null}
		return {...declared, state: STATES[survey.state], detail, ...none, groups}
	}
	const known = readers.map(({group, unit}) => {
		const facts = survey.groups.find(of => of.group === group)
		return facts ? groupStatus(subject, unit, facts, samplesOf(group)) : missing(group, unit)
	})
	const foreign = survey.groups
		.filter(({group}) => !readers.some(reader => reader.group === group))
		.map(facts => groupStatus(subject, null, facts, samplesOf(facts.group)))
	return {
		...declared,
		state: retired ? 'RETIRED' : 'PRESENT',
		detail: '',
		length: survey.length,
		added: survey.added,
		oldest_ms: survey.first_age_ms,
		newest_ms: survey.newest_age_ms,
		groups: [...known, ...foreign],
	}
}

const GOOD: readonly Health[] = ['OK', 'IDLE']
export const isGood = ({status}: GroupStatus): boolean => GOOD.includes(status)

/** Groups that need a look, and names under which no stream was found, each named. A unit that has not come yet is none. */
export const troubles = (all: readonly StreamStatus[]): readonly string[] =>
	all.flatMap(({stream, state, detail, groups}) => {
		if (state === 'OTHER') return [`${stream} is a ${detail}, not a stream`]
		if (state === 'UNREADABLE') return [`${stream} cannot be read: ${detail}`]
		return groups
			.filter(of => of.presence !== 'MISSING' && !isGood(of))
			.map(({unit, group, status}) => `${unit ?? group} on ${stream} is ${status}`)
	})
