import {createRequire} from 'node:module'
import {pathToFileURL} from 'node:url'
import {exchangeLimits as limits} from '../../exchange/exchange-limits.js'
import {type Redact, redactError, redactor} from '../../exchange/redact.js'
import {paperOrigins, requireCredentials, type VenueConfig} from '../../exchange/venue-config.js'
import type {CcxtConstructor, CcxtSurface} from './ccxt-surface.js'
import {measureOffset} from './clock-offset.js'
import {keepSilence, VenueSilence} from './silence.js'

/** `data`: market data and what does not hurry. `orders`: nothing but orders, behind our own limiter. */
export type ClientRole = 'data' | 'orders'

/** A connection to the venue through ccxt. Close it, or its sockets keep the process alive. */
export type VenueClient = Readonly<{
	ccxt: CcxtSurface
	/** Takes the account's credentials out of what the venue, or a socket, said. Errors of requests come without them. */
	redact: Redact
	/** Machine time minus the venue's, as last measured, ms. */
	offset(): number
	/** Measures the offset now. @throws when the venue does not answer */
	syncClock(): Promise<number>
	/** How long the venue still asks for silence, ms; 0 for clients of orders, whose limiter heeds it. */
	silent_ms(): number
	close(): Promise<void>
}>

/** Only this one class: a third of the time and half of the memory of the whole package. */
const loadCcxt = async (): Promise<CcxtConstructor> => {
	const main = createRequire(import.meta.url).resolve('ccxt')
	const file = new URL('../js/src/pro/binanceusdm.js', pathToFileURL(main))
	const module: {default: unknown} = await import(file.href)
	return module.default as CcxtConstructor
}

/** A constructor would merge these with the real venue's addresses; replaced whole, what is not listed cannot be reached. */
const paperUrls = (config: VenueConfig) => {
	const {rest, ws} = paperOrigins(config)
	return {
		fapiPublic: `${rest}/fapi/v1`,
		fapiPublicV2: `${rest}/fapi/v2`,
		fapiPublicV3: `${rest}/fapi/v3`,
		fapiPrivate: `${rest}/fapi/v1`,
		fapiPrivateV2: `${rest}/fapi/v2`,
		fapiPrivateV3: `${rest}/fapi/v3`,
		fapiData: `${rest}/futures/data`,
		ws: {future: `${ws}/ws`, 'ws-api': {future: `${ws}/ws-fapi/v1`}},
	}
}

const configure = async (ccxt: CcxtSurface, config: VenueConfig): Promise<void> => {
	if (config.mode === 'TESTNET') ccxt.enableDemoTrading(true)
	if (config.mode === 'PAPER') {
		ccxt.urls.api = paperUrls(config)
		await ccxt.loadHttpProxyAgent()
	}
	// The class of an error depends on the address; merged, the paper exchange's throw what the real one's do.
	ccxt.exceptions.exact = {...ccxt.exceptions.exact, ...ccxt.exceptions.linear.exact}
	// Numbers as text would reach ccxt's own throttle as well, which adds costs up: 1 and 1 would weigh 11.
	const cost = ccxt.calculateRateLimiterCost.bind(ccxt)
	ccxt.calculateRateLimiterCost = (...request) => Number(cost(...request))
	ccxt.streaming = {...ccxt.streaming, keepAlive: limits.ws_ping_ms, maxPingPongMisses: limits.ws_pings_missed_max}
}

/**
 * Opens a client. Nothing is sent before the first call.
 * @throws OperatorError when an address or a credential is missing
 */
export const openClient = async (config: VenueConfig, role: ClientRole): Promise<VenueClient> => {
	requireCredentials(config)
	const Ccxt = await loadCcxt()
	const ccxt = new Ccxt({
		apiKey: config.api_key,
		secret: config.api_secret,
		number: String,
		timeout: limits.request_timeout_ms,
		enableRateLimit: role === 'data',
		rateLimit: 60_000 / limits.weight_per_minute,
		rateLimiterAlgorithm: 'rollingWindow',
		options: {
			fetchCurrencies: false,
			recvWindow: config.recv_window_ms,
			timeDifference: 0,
			ws: {
				cost: 0,
				backoff: {base: limits.reconnect_first_ms, max: limits.reconnect_max_ms, stableAfter: limits.reconnect_max_ms},
			},
		},
	})
	await configure(ccxt, config)
	const silent_ms = role === 'data' ? keepSilence(ccxt) : () => 0
	const redact = redactor([config.api_key, config.api_secret])
	const fetch = ccxt.fetch.bind(ccxt)
	ccxt.fetch = async (...request) => {
		try {
			return await fetch(...request)
		} catch (error) {
			throw redactError(error, redact)
		}
	}
	const syncClock = async (): Promise<number> => {
		const offset_ms = await measureOffset(ccxt)
		ccxt.options.timeDifference = offset_ms
		return offset_ms
	}
	const timer = setInterval(() => void syncClock().catch(() => undefined), limits.clock_sync_ms)
	timer.unref()
	return {
		ccxt,
		redact,
		offset: () => Number(ccxt.options.timeDifference),
		syncClock,
		silent_ms,
		close: async () => {
			clearInterval(timer)
			await ccxt.close()
		},
	}
}

/**
 * Opens a client for reading, with the venue's clock measured: without that a machine whose clock is off could not sign.
 * @throws as `openClient`, VenueSilence when the venue limits us, else what it answers; nothing stays open then
 */
export const openReadingClient = async (config: VenueConfig): Promise<VenueClient> => {
	const client = await openClient(config, 'data')
	try {
		await client.syncClock()
		return client
	} catch (error) {
		await client.close()
		const silent_ms = client.silent_ms()
		throw silent_ms > 0 && !(error instanceof VenueSilence) ? new VenueSilence(silent_ms, {cause: error}) : error
	}
}
