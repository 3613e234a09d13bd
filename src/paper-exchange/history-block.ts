import type {HistoryRow} from './delta.js'

/** Kinds of finished records: order, conditional order, trade, income. */
export type HistoryKind = 'o' | 'a' | 't' | 'i'

/** What the rows of one kind in a block reach from and to. */
export type Span = {count: number; id_min: number; id_max: number; ms_min: number; ms_max: number}

/** A stretch of the history file, and enough about it to know whether it has to be read. */
export type Block = {
	start: number
	end: number
	symbols: string[]
	spans: Partial<Record<HistoryKind, Span>>
	/** A Bloom filter of the client ids of orders and conditional orders. */
	names: Uint8Array
}

/** Room for some 400 client ids with less than one in a hundred taken for another. */
const nameBytes = 512
const probes = 4

export const emptyBlock = (start: number): Block => ({
	start,
	end: start,
	symbols: [],
	spans: {},
	names: new Uint8Array(nameBytes),
})

export type Facts = Readonly<{kind: HistoryKind; id: number; time_ms: number; symbol: string; client_id: string}>

/** What is asked for: orders by when they were placed, trades and income by when they were booked. */
export const factsOf = (row: HistoryRow): Facts => {
	if ('o' in row) return placed('o', row.o)
	if ('a' in row) return placed('a', row.a)
	if ('t' in row) return {kind: 't', id: row.t.id, time_ms: row.t.time_ms, symbol: row.t.symbol, client_id: ''}
	return {kind: 'i', id: row.i.tran_id, time_ms: row.i.time_ms, symbol: row.i.symbol, client_id: ''}
}

type Placed = Readonly<{id: number; created_ms: number; symbol: string; client_id: string}>

const placed = (kind: 'o' | 'a', {id, created_ms, symbol, client_id}: Placed): Facts => ({
	kind,
	id,
	time_ms: created_ms,
	symbol,
	client_id,
})

/** Notes a row of so many bytes at the end of a block. */
export const note = (block: Block, {kind, id, time_ms, symbol, client_id}: Facts, bytes: number): void => {
	block.end += bytes
	const span = block.spans[kind]
	if (span === undefined) block.spans[kind] = {count: 1, id_min: id, id_max: id, ms_min: time_ms, ms_max: time_ms}
	else {
		span.count += 1
		span.id_min = Math.min(span.id_min, id)
		span.id_max = Math.max(span.id_max, id)
		span.ms_min = Math.min(span.ms_min, time_ms)
		span.ms_max = Math.max(span.ms_max, time_ms)
	}
	if (!block.symbols.includes(symbol)) block.symbols.push(symbol)
	if (client_id === '') return
	for (const bit of bitsOf(client_id)) block.names[bit >> 3] = (block.names[bit >> 3] ?? 0) | (1 << (bit & 7))
}

/** False when no order of that client id is in the block; true may be mistaken. */
export const mayHold = (block: Block, client_id: string): boolean =>
	bitsOf(client_id).every(bit => ((block.names[bit >> 3] ?? 0) & (1 << (bit & 7))) !== 0)

/** Two FNV-1a hashes, combined as Kirsch and Mitzenmacher do. */
const bitsOf = (name: string): number[] => {
	const [first, second] = [hash(name, 0x811c9dc5), hash(name, 0x01234567) | 1]
	return Array.from({length: probes}, (_, turn) => ((first + turn * second) >>> 0) % (nameBytes * 8))
}

const hash = (name: string, seed: number): number => {
	let value = seed
	for (let at = 0; at < name.length; at += 1) value = Math.imul(value ^ name.charCodeAt(at), 0x01000193)
	return value >>> 0
}

/** A block as a line of the index file, and back. */
export const blockLine = (block: Block): string =>
	`${JSON.stringify({...block, names: Buffer.from(block.names).toString('base64')})}\n`

export const parseBlock = (line: string): Block => {
	const raw = JSON.parse(line) as Omit<Block, 'names'> & {names: string}
	return {...raw, names: new Uint8Array(Buffer.from(raw.names, 'base64'))}
}
