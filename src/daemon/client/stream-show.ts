import {z} from 'zod'
import type {PayloadSchema} from '../../engine/contracts/stream.js'
import {type StreamEntry, streamEntry} from './registry-view.js'
import type {State} from './state.js'
import {type Downstream, downstreamOf} from './stream-downstream.js'
import {requireSubject} from './stream-names.js'
import type {StreamStatus} from './stream-status.js'
import {type Observation, observeStreams} from './stream-watch.js'

/** All about one stream. */
export type StreamDetail = Readonly<{
	/** Null for a stream that nobody declares. */
	contract: (StreamEntry & Readonly<{fields: readonly string[]}>) | null
	status: StreamStatus
	/** Of the observation: how many looks over how long, ms. */
	samples: number
	span_ms: number
	retention: Readonly<{
		/** Entries beyond what is kept for people to look at; null without a contract. */
		over: number | null
		/** Groups that keep so much that trimming cannot bring the stream down to it. */
		held_by: readonly string[]
	}>
	downstream: readonly Downstream[]
}>

const retentionOf = ({length, retention_max, groups}: StreamStatus): StreamDetail['retention'] => {
	if (retention_max === null || length === null) return {over: null, held_by: []}
	const holds = groups.filter(
		({undelivered, undelivered_min, pending}) => (undelivered ?? undelivered_min ?? 0) + (pending ?? 0) > retention_max,
	)
	return {over: Math.max(0, length - retention_max), held_by: holds.map(({unit, group}) => unit ?? group)}
}

type Shape = Readonly<Record<string, z.ZodType>>

/** Names of the payload's fields; those that not every shape has, or that may be left out, with a question mark. */
const fieldsOf = (payload: PayloadSchema): readonly string[] => {
	const options: readonly unknown[] = payload instanceof z.ZodObject ? [payload] : payload.options
	const shapes = options.flatMap(option => (option instanceof z.ZodObject ? [option.shape as Shape] : []))
	const names = [...new Set(shapes.flatMap(shape => Object.keys(shape)))]
	const needed = (name: string) => shapes.every(shape => shape[name]?.safeParse(undefined).success === false)
	return names.map(name => (needed(name) ? name : `${name}?`))
}

/** @throws OperatorError (usage) for a stream that is neither declared nor there */
export const showStream = async (state: State, typed: string, observation: Observation): Promise<StreamDetail> => {
	const subject = await requireSubject(state, typed)
	const {streams, samples, span_ms} = await observeStreams(state, [subject], observation)
	const [status] = streams
	if (!status) throw new Error(`${subject.key} was not looked at`)
	return {
		contract: subject.contract && {...streamEntry(subject.contract), fields: fieldsOf(subject.contract.payload)},
		status,
		samples,
		span_ms,
		retention: retentionOf(status),
		downstream: subject.contract ? downstreamOf(subject.name) : [],
	}
}
