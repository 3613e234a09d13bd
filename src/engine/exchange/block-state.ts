import {z} from 'zod'
import type {FenceContext, FenceVerdict} from './order-request.js'

const block = z.strictObject({by: z.string(), reason: z.string(), time_ms: z.number()})

/** Symbols that an operator has stopped, while the others trade on: the gateway's own memory of it. */
export const blockFileSchema = z.strictObject({symbols: z.record(z.string(), block)})
export type Block = z.output<typeof block>
export type BlockFile = z.output<typeof blockFileSchema>

/** `missing`: nothing was ever blocked. `unreadable`: nobody knows what is, so everything counts as blocked. */
export type BlockFileReading = BlockFile | 'missing' | 'unreadable'

/** The file's say. */
export const judgeBlocks = (file: BlockFileReading, {symbol}: FenceContext): FenceVerdict => {
	if (file === 'missing') return {ok: true}
	if (file === 'unreadable') return {ok: false, reason: 'BLOCK_FILE_UNREADABLE'}
	return Object.hasOwn(file.symbols, symbol) ? {ok: false, reason: 'SYMBOL_BLOCKED'} : {ok: true}
}
