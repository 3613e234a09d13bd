import {openSignedReader, type SignedReader} from '../../engine/adapters/exchange/signed-reader.js'
import type {Environment} from './environment.js'

/** The account at the venue, opened with the first question and anew after an opening that failed; closed with the host. */
export const signedDesk = ({venue, onClose}: Pick<Environment, 'venue' | 'onClose'>): (() => Promise<SignedReader>) => {
	let opened: Promise<SignedReader> | undefined
	onClose.push(async () => {
		const open = await opened?.catch(() => undefined)
		await open?.close()
	})
	return () => {
		opened ??= openSignedReader(venue).catch((error: unknown) => {
			opened = undefined
			throw error
		})
		return opened
	}
}
