import {readFileSync} from 'node:fs'
import {type BlockFileReading, blockFileSchema} from '../../exchange/block-state.js'

/** Reads at once: what holds is what the disk says at this moment. */
export const readBlockFile = (file: string): BlockFileReading => {
	try {
		return blockFileSchema.parse(JSON.parse(readFileSync(file, 'utf8')))
	} catch (error) {
		return error instanceof Error && 'code' in error && error.code === 'ENOENT' ? 'missing' : 'unreadable'
	}
}
