import type {Entry} from '../../engine/bus/bus.js'
import type {StreamContract} from '../../engine/contracts/stream.js'
import {findAmong, type Span, type Streamed, streamEntries} from './stream-pages.js'
import type {TraceEntry} from './trace-links.js'

export const traceEntry = ({name}: Pick<StreamContract, 'name'>, {id, fields}: Entry): TraceEntry => ({
	stream: name,
	stream_id: id,
	fields,
})

/** What a stream holds within a span, as a trace sees it. */
export const traceEntries = async (
	state: Streamed,
	stream: StreamContract,
	span: Span,
): Promise<readonly TraceEntry[]> => (await streamEntries(state, stream, span)).map(entry => traceEntry(stream, entry))

/** The first entry that counts of the reading of these streams. */
export const findTraceEntry = async (
	state: Streamed,
	among: readonly StreamContract[],
	span: Span,
	counts: (entry: TraceEntry) => boolean,
): Promise<TraceEntry | undefined> => {
	const found = await findAmong(state, among, span, (entry, stream) => counts(traceEntry(stream, entry)))
	return found && traceEntry(found.stream, found.entry)
}
