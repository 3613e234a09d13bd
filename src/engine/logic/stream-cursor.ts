import type {Entry} from '../bus/bus.js'
import {compareIds, previousId} from '../bus/stream-id.js'

/** A place in one stream: behind the entry `id`, the `count`th that was ever added, where that is known. */
export type Place = Readonly<{id: string; count: number | undefined}>
/** Places by stream. */
export type Cursor = Readonly<Record<string, Place>>

/** What lay behind a place in one cut, and what the stream says of itself. `added`: ever, where the server counts. */
export type StreamPage = Readonly<{
	entries: readonly Entry[]
	/** No entry lies behind these. */
	complete: boolean
	length: number
	added: number | undefined
	first_id: string | undefined
	last_id: string
}>

/** Entries that were removed before they were read: behind `from`, before `to`, null where nothing is left. */
export type Gap = Readonly<{stream: string; from: string; to: string | null; missed: number | null}>
export type CursorStep = Readonly<{stream: string; cursor: string; entry?: Entry; gap?: Gap}>

const ID = /^(\d{1,15})-(\d{1,20})$/
const COUNT = /^\d{1,15}$/
const SEQUENCES = 2n ** 64n
export const START: Place = {id: '0-0', count: 0}

const isId = (text: string): boolean => {
	const [, , sequence] = ID.exec(text) ?? []
	return sequence !== undefined && BigInt(sequence) < SEQUENCES
}

/** Such as `events:1732240000000-0:57,alerts:1732240000000-1:3`: a place is exact only per stream. */
export const cursorText = (cursor: Cursor): string =>
	Object.entries(cursor)
		.map(([stream, {id, count}]) => [stream, id, ...(count === undefined ? [] : [count])].join(':'))
		.join(',')

/** Reads what `cursorText` wrote, or one id, as a person gives it, for all streams; undefined where it is neither. */
export const parseCursor = (text: string, streams: readonly string[]): Cursor | undefined => {
	const bare = /^\d+$/.test(text) ? `${text}-0` : text
	if (isId(bare)) {
		const place = compareIds(bare, START.id) === 0 ? START : {id: bare, count: undefined}
		return Object.fromEntries(streams.map(stream => [stream, place]))
	}
	const places = new Map<string, Place>()
	for (const part of text.split(',')) {
		const [stream = '', id = '', count, ...more] = part.split(':')
		const known = streams.includes(stream) && !places.has(stream) && more.length === 0
		if (!known || !isId(id) || (count !== undefined && !COUNT.test(count))) return undefined
		places.set(stream, {id, count: count === undefined ? undefined : Number(count)})
	}
	return places.size === streams.length ? Object.fromEntries(places) : undefined
}

/** What was removed behind a place, and where reading goes on. */
const gapAfter = (stream: string, place: Place, page: StreamPage): Readonly<{gap: Gap; place: Place}> | undefined => {
	const {length, added, first_id, last_id} = page
	const gap = (missed: number | null): Gap => ({stream, from: place.id, to: first_id ?? null, missed})
	// The server knows less than we have read: it lost what it had, and may use these ids again.
	if (compareIds(last_id, place.id) < 0) return {gap: gap(null), place: START}
	if (compareIds(place.id, first_id === undefined ? last_id : previousId(first_id)) >= 0) return undefined
	const removed = added === undefined ? undefined : added - length
	const missed = removed === undefined || place.count === undefined ? null : removed - place.count
	if (removed === 0 || (missed !== null && missed <= 0)) return undefined
	return {gap: gap(missed), place: {id: first_id === undefined ? last_id : previousId(first_id), count: removed}}
}

type Step = Readonly<{stream: string; order: string; place: Place; entry?: Entry; gap?: Gap}>

const stepsOf = (stream: string, place: Place, page: StreamPage): readonly Step[] => {
	const found = gapAfter(stream, place, page)
	const {entries, complete, added} = page
	const {count} = found?.place ?? place
	const steps = entries.map((entry, index): Step => {
		// Counted from the end where it is seen: what was deleted in the middle does not add up.
		const from_end = complete && added !== undefined ? added - (entries.length - 1 - index) : undefined
		const from_start = count === undefined ? undefined : count + index + 1
		return {stream, order: entry.id, place: {id: entry.id, count: from_end ?? from_start}, entry}
	})
	return found ? [{stream, order: entries[0]?.id ?? page.last_id, ...found}, ...steps] : steps
}

/**
 * What a reader is told next of several streams, oldest first, each with the cursor behind it: whoever goes on from
 * there misses nothing and has nothing twice.
 */
export const readOn = (
	cursor: Cursor,
	pages: Readonly<Record<string, StreamPage>>,
): Readonly<{steps: readonly CursorStep[]; cursor: Cursor; more: boolean}> => {
	const read = Object.entries(cursor).flatMap(([stream, place]) => {
		const page = pages[stream]
		return page ? [{stream, place, page}] : []
	})
	// Behind a page that is not the last, older entries may follow than those of other streams.
	const bounds = read.flatMap(({page: {complete, entries}}) => (complete ? [] : [entries.at(-1)?.id ?? START.id]))
	const bound = bounds.sort(compareIds)[0]
	const ordered = read
		.flatMap(({stream, place, page}) => stepsOf(stream, place, page))
		.filter(({order}) => bound === undefined || compareIds(order, bound) <= 0)
		.sort((left, right) => compareIds(left.order, right.order))
	let now = cursor
	const steps = ordered.map(({stream, place, entry, gap}): CursorStep => {
		now = {...now, [stream]: place}
		return {stream, cursor: cursorText(now), ...(entry && {entry}), ...(gap && {gap})}
	})
	return {steps, cursor: now, more: bound !== undefined}
}
