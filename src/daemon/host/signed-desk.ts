import {openSignedReader, type SignedReader} from '../../engine/adapters/exchange/signed-reader.js'
import {openOnce} from '../../engine/runtime/open-once.js'
import type {Environment} from './environment.js'

/** The account at the venue, opened with the first question and closed with the host. */
export const signedDesk = ({venue, onClose}: Pick<Environment, 'venue' | 'onClose'>): (() => Promise<SignedReader>) => {
	const desk = openOnce(() => openSignedReader(venue))
	onClose.push(async () => (await desk.peek())?.close())
	return desk.get
}
