import {readBlockFile} from '../../engine/adapters/exchange/block-file.js'
import type {Block} from '../../engine/exchange/block-state.js'
import {writeFileAtomically} from '../supervision/atomic-file.js'
import {withFileLock} from '../system/file-lock.js'
import type {Home} from './home.js'

/** A writer holds the lock for one read and one rename; older than this its holder died. */
const LOCK = {within_ms: 1_000, stale_ms: 2_000} as const

/** What the file says; `unreadable` blocks everything. */
export const blocksInFile = (home: Home): Readonly<Record<string, Block>> | 'unreadable' => {
	const found = readBlockFile(home.blocked)
	if (found === 'unreadable') return found
	return found === 'missing' ? {} : found.symbols
}

const change = (home: Home, next: (symbols: Readonly<Record<string, Block>>) => Record<string, Block>): Promise<void> =>
	withFileLock(home.blocked, LOCK, () => {
		const found = blocksInFile(home)
		// What nobody can read any more is replaced by what is known: the caller's own block, or nothing.
		const symbols = next(found === 'unreadable' ? {} : found)
		writeFileAtomically(home.blocked, `${JSON.stringify({symbols})}\n`)
	})

/** Durable when it resolves. @throws Error when the file cannot be written */
export const addBlock = (home: Home, symbol: string, block: Block): Promise<void> =>
	change(home, symbols => ({...symbols, [symbol]: block}))

export const removeBlock = (home: Home, symbol: string): Promise<void> =>
	change(home, symbols => Object.fromEntries(Object.entries(symbols).filter(([name]) => name !== symbol)))

/** Every symbol that is stopped, by either place; `unreadable` where the file blocks everything. */
export const blockedSymbols = (home: Home, shared: Readonly<Record<string, string>>): readonly string[] => {
	const file = blocksInFile(home)
	return [
		...new Set([
			...Object.keys(shared),
			...(file === 'unreadable' ? ['every symbol (unreadable file)'] : Object.keys(file)),
		]),
	].sort()
}
