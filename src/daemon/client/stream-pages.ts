import type {Bus, Entry} from '../../engine/bus/bus.js'
import type {Naming} from '../../engine/contracts/naming.js'
import type {StreamContract} from '../../engine/contracts/stream.js'
import {CLIENT_LIMITS} from './client-limits.js'

export type Span = Readonly<{
	/** Ids or times (ms) as of XRANGE, both inclusive unless they begin with a round bracket; left out, no bound. */
	from?: string
	to?: string
	/** The reading begins at `to` and goes back. */
	newest_first?: boolean
	/** Entries of a page. */
	page?: number
	/** Entries of the first page, where that is less; each page has twice as many as the one before, up to `page`. */
	first_page?: number
	/** Entries in all; left out, as many as the span holds. */
	max?: number
}>

/** Where streams are read. */
export type Streamed = Readonly<{bus: Pick<Bus, 'range'>; naming: Naming}>

/**
 * What a stream holds within a span, page by page in the order of the reading. A page is asked for when it is wanted, so
 * who has found what was sought simply stops. No page is empty, and the last may be shorter.
 */
export async function* streamPages(
	{bus, naming}: Streamed,
	{name}: Pick<StreamContract, 'name'>,
	{
		from,
		to,
		newest_first = false,
		page = CLIENT_LIMITS.trace_page,
		first_page = page,
		max = Number.POSITIVE_INFINITY,
	}: Span = {},
): AsyncGenerator<readonly Entry[], void, undefined> {
	const stream = naming.stream(name)
	const bounds = {...(from !== undefined && {from}), ...(to !== undefined && {to})}
	let size = first_page
	for (let read = 0; read < max; ) {
		const count = Math.min(page, size, max - read)
		const entries = await bus.range(stream, {...bounds, count, newest_first})
		const last = entries.at(-1)
		if (!last) return
		yield entries
		if (entries.length < count) return
		read += entries.length
		size *= 2
		bounds[newest_first ? 'to' : 'from'] = `(${last.id}`
	}
}

/** All of it at once. */
export const streamEntries = async (...asked: Parameters<typeof streamPages>): Promise<readonly Entry[]> => {
	const found: Entry[] = []
	for await (const page of streamPages(...asked)) found.push(...page)
	return found
}

/**
 * The first entry that counts of several streams, whose pages are read in turn and grow: what lies near the beginning
 * of one is found before another is read far.
 */
export const findAmong = async <S extends Pick<StreamContract, 'name'>>(
	source: Streamed,
	streams: readonly S[],
	span: Span,
	counts: (entry: Entry, stream: S) => boolean,
): Promise<Readonly<{stream: S; entry: Entry}> | undefined> => {
	const growing = {first_page: CLIENT_LIMITS.find_first_page, ...span}
	let readings = streams.map(stream => ({stream, pages: streamPages(source, stream, growing)}))
	while (readings.length > 0) {
		const unfinished: typeof readings = []
		for (const reading of readings) {
			const {done, value} = await reading.pages.next()
			if (done) continue
			const entry = value.find(found => counts(found, reading.stream))
			if (entry) return {stream: reading.stream, entry}
			unfinished.push(reading)
		}
		readings = unfinished
	}
	return undefined
}

/** The first entry of the reading that counts. */
export const findEntry = async (
	source: Streamed,
	stream: Pick<StreamContract, 'name'>,
	span: Span,
	counts: (entry: Entry) => boolean,
): Promise<Entry | undefined> => (await findAmong(source, [stream], span, counts))?.entry
