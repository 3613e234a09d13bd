import {readFileSync} from 'node:fs'
import {isMissing} from '../../errors.js'
import {type BlockFileReading, blockFileSchema} from '../../exchange/block-state.js'

/** Reads at once: what holds is what the disk says at this moment. */
export const readBlockFile = (file: string): BlockFileReading => {
	try {
		return blockFileSchema.parse(JSON.parse(readFileSync(file, 'utf8')))
	} catch (error) {
		return isMissing(error) ? 'missing' : 'unreadable'
	}
}
