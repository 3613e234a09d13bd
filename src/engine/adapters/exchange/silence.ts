import {exchangeLimits as limits} from '../../exchange/exchange-limits.js'
import type {CcxtSurface} from './ccxt-surface.js'

/** The venue has limited or banned this address and asks for silence: nothing was sent. */
export class VenueSilence extends Error {
	constructor(
		/** How long it still wants to hear nothing, ms. */
		readonly for_ms: number,
		options?: ErrorOptions,
	) {
		super(`the venue limits this address and asks for silence for another ${Math.ceil(for_ms / 1_000)} s`, options)
	}
}

/**
 * Sends nothing while the venue asks for silence (HTTP 429, or 418 for a ban, each with Retry-After): who goes on asking
 * is banned for longer. https://developers.binance.com/docs/derivatives/usds-margined-futures/general-info
 * @returns how long it still asks for it, ms; 0 where it does not
 */
export const keepSilence = (ccxt: CcxtSurface): (() => number) => {
	let until_ms = 0
	const left_ms = () => Math.max(0, until_ms - performance.now())
	const onResponse = ccxt.onRestResponse.bind(ccxt)
	ccxt.onRestResponse = (...response) => {
		const [status, , , , headers] = response
		if (status === 429 || status === 418) {
			const [, after] = Object.entries(headers).find(([name]) => name.toLowerCase() === 'retry-after') ?? []
			const for_ms = Number(after) > 0 ? Number(after) * 1_000 : limits.silence_default_ms
			until_ms = Math.max(until_ms, performance.now() + for_ms)
		}
		return onResponse(...response)
	}
	const fetch = ccxt.fetch.bind(ccxt)
	ccxt.fetch = async (...request) => {
		if (left_ms() > 0) throw new VenueSilence(left_ms())
		return fetch(...request)
	}
	return left_ms
}
