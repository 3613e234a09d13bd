import type {Interval} from '../contracts/streams/market.js'
import {OperatorError} from '../errors.js'
import {EXIT_CODES} from '../exit-codes.js'

export type VenueMode = 'PAPER' | 'TESTNET' | 'LIVE'

/** Which venue, under which account, and what of it interests us. */
export type VenueConfig = Readonly<{
	mode: VenueMode
	/** Origin of the paper exchange, such as `http://127.0.0.1:9000`. PAPER only. */
	rest_url?: string
	/** Origin of its sockets, such as `ws://127.0.0.1:9000`. PAPER only. */
	ws_url?: string
	api_key: string
	api_secret: string
	/** Exchange ids in any script: `BTCUSDT`, `币安人生USDT`. */
	symbols: readonly string[]
	/** How old a signed request may be when the venue takes it up, ms of machine time. */
	recv_window_ms: number
	intervals: readonly Interval[]
}>

const withoutSlash = (url: string): string => url.replace(/\/+$/, '')

/**
 * Origins of the paper exchange, without a trailing slash.
 * @throws OperatorError when PAPER lacks one
 */
export const paperOrigins = ({rest_url, ws_url}: VenueConfig): Readonly<{rest: string; ws: string}> => {
	if (!rest_url || !ws_url)
		throw new OperatorError(
			`Mode PAPER needs the addresses of the paper exchange; found rest_url=${rest_url ?? 'none'}, ws_url=${ws_url ?? 'none'}`,
			{exit_code: EXIT_CODES.usage, hint: 'Start the paper exchange first (`qt up`), which fills them in.'},
		)
	return {rest: withoutSlash(rest_url), ws: withoutSlash(ws_url)}
}

/** @throws OperatorError naming the variables that are missing */
export const requireCredentials = ({mode, api_key, api_secret}: VenueConfig): void => {
	const missing = [api_key === '' ? 'QT_API_KEY' : '', api_secret === '' ? 'QT_API_SECRET' : ''].filter(
		name => name !== '',
	)
	if (missing.length === 0) return
	throw new OperatorError(`Mode ${mode} needs credentials; missing: ${missing.join(' and ')}`, {
		exit_code: EXIT_CODES.usage,
		hint: `Set ${missing.join(' and ')} in the environment, with a key that may trade futures and may not withdraw.`,
	})
}
