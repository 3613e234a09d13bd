import {type Gate, heard, type Look, seen, toNumber} from './gate.js'

const quoteOf = ({store, key}: Look) => {
	const {bid, ask, venue_ms, machine_ms} = store.hashAll(key('quote'))
	return {bid: toNumber(bid), ask: toNumber(ask), venue_ms: toNumber(venue_ms), machine_ms: toNumber(machine_ms)}
}

/** Divergence in basis points and the machine time of it; undefined without other exchanges. */
const divergenceOf = ({store, key, arg}: Look): Readonly<{bps: string; machine_ms: string}> | undefined => {
	const line = store.hashGet(key('divergence'), arg('symbol'))
	if (line === undefined) return undefined
	const [bps = '', machine_ms = ''] = line.split('|')
	return {bps, machine_ms}
}

const STALE = {
	code: 'DATA_STALE',
	of: 'ENTRY',
	meaning: 'There is no fresh quote of the symbol.',
	unit: 'ms',
	policy: 'data_stale_ms',
	remedy: 'see qt status: price-feed must run and the venue must answer',
} as const

/** Whether the market is known, and sane. */
export const market: readonly Gate[] = [
	{
		...STALE,
		look: look => {
			const {bid, ask} = quoteOf(look)
			const fresh = bid > 0 && ask > 0 && !look.store.exists(look.key('stale'))
			return fresh ? seen(true) : seen(false, 'no fresh quote', look.arg('quote_age_max_ms'))
		},
	},
	{
		...STALE,
		look: look => {
			const age = look.num('now_ms') - quoteOf(look).venue_ms
			return seen(age <= look.num('quote_age_max_ms'), String(age), look.arg('quote_age_max_ms'))
		},
	},
	{...STALE, look: look => heard(look, 'quote', 'quote_silence_max_ms')},
	{
		code: 'DIVERGENCE_STALE',
		of: 'ENTRY',
		meaning: 'Other exchanges are configured as reference, and have not been heard of.',
		unit: 'ms',
		remedy: 'see qt status: cross-exchange-aggregator must run and its exchanges must answer',
		look: look => {
			const found = divergenceOf(look)
			if (!found) return seen(true)
			const silent_ms = look.num('machine_ms') - toNumber(found.machine_ms)
			return seen(
				silent_ms <= look.num('divergence_silence_max_ms'),
				String(silent_ms),
				look.arg('divergence_silence_max_ms'),
			)
		},
	},
	{
		code: 'DIVERGED',
		of: 'ENTRY',
		meaning: 'Our venue’s price is too far from that of the other exchanges.',
		unit: 'bps',
		policy: 'universe.divergence_bps_max',
		remedy: 'wait, or find out which exchange is wrong',
		look: look => {
			const found = divergenceOf(look)
			if (!found) return seen(true)
			return seen(
				Math.abs(toNumber(found.bps)) <= look.num('divergence_bps_max'),
				found.bps,
				look.arg('divergence_bps_max'),
			)
		},
	},
]

/** Whether the plan still fits the market that it was made for. */
export const timing: readonly Gate[] = [
	{
		code: 'KILL_SCORE',
		of: 'ENTRY',
		meaning: 'The urgency to be out of the symbol is too high to get in.',
		policy: 'kill_score_open_max',
		remedy: 'wait',
		look: ({arg, num}) =>
			seen(
				arg('kill_score') === '' || num('kill_score') < num('kill_score_max'),
				arg('kill_score'),
				arg('kill_score_max'),
			),
	},
	{
		code: 'PLAN_STALE',
		of: 'ENTRY',
		meaning: 'The plan is too old, or from the future.',
		unit: 'ms',
		policy: 'plan_age_max_ms',
		remedy: 'plan anew',
		look: ({num, arg}) => {
			const age = Math.abs(num('now_ms') - num('plan_ms'))
			return seen(age <= num('plan_age_max_ms'), String(age), arg('plan_age_max_ms'))
		},
	},
	{
		code: 'PRICE_DRIFT',
		of: 'ENTRY',
		meaning: 'The price has moved too far since the plan was made.',
		unit: 'bps',
		policy: 'price_drift_bps_max',
		remedy: 'plan anew',
		look: look => {
			if (look.arg('reference_price') === '') return seen(true)
			const {bid, ask} = quoteOf(look)
			const drift = Math.floor(Math.abs((bid + ask) / 2 / look.num('reference_price') - 1) * 10_000 + 0.5)
			return seen(drift <= look.num('drift_bps_max'), drift, look.arg('drift_bps_max'))
		},
	},
	{
		code: 'SPREAD_WIDE',
		of: 'ENTRY',
		meaning: 'Bid and ask are too far apart for a market order.',
		unit: 'bps',
		policy: 'spread_bps_max',
		remedy: 'wait',
		look: look => {
			const {bid, ask} = quoteOf(look)
			const spread = Math.floor(((ask - bid) / ((bid + ask) / 2)) * 10_000 + 0.5)
			return seen(spread <= look.num('spread_bps_max'), spread, look.arg('spread_bps_max'))
		},
	},
]

/** Leverage times the distance of the stop, in basis points of the margin; a plan without a stop gets one by policy. */
const lossBps = (look: Look): number => {
	const {arg, num} = look
	const {bid, ask} = quoteOf(look)
	const price = arg('reference_price') === '' ? (arg('side') === 'BUY' ? ask : bid) : num('reference_price')
	const distance = arg('stop_price') === '' ? num('stop_distance') : Math.abs(price - num('stop_price')) / price
	return Math.floor(distance * num('leverage') * 10_000 + 0.5)
}

/** Whether the symbol may be traded, and with such a stop. */
export const symbolGates: readonly Gate[] = [
	{
		code: 'NOT_TRADABLE',
		of: 'ENTRY',
		meaning: 'The venue does not trade the symbol, or has delisted it: exits only.',
		remedy: 'qt universe',
		look: ({store, key, arg}) =>
			seen(store.hashGet(key('filters'), 'tradable') === 'true', arg('symbol'), 'tradable at the venue'),
	},
	{
		code: 'UNIVERSE_STALE',
		of: 'ENTRY',
		meaning: 'Nobody has confirmed lately which symbols may open.',
		unit: 'ms',
		remedy: 'see qt status: universe-service must run',
		look: look => heard(look, 'universe', 'universe_silence_max_ms'),
	},
	{
		code: 'NOT_IN_UNIVERSE',
		of: 'ENTRY',
		meaning: 'The symbol is not among those that may open now: allowlist, volume, rank, listing.',
		policy: 'allowlist',
		remedy: 'qt universe says why',
		look: ({store, key, arg}) => seen(store.setHas(key('allowlist'), arg('symbol')), arg('symbol'), 'qt universe'),
	},
	{
		code: 'STOP_BEYOND_LOSS_LIMIT',
		of: 'ENTRY',
		meaning: 'The loss at the initial stop would be more of the margin than allowed.',
		unit: 'bps',
		policy: 'stop.loss_share_max',
		remedy: 'less leverage, or a nearer stop',
		look: look => {
			const loss = lossBps(look)
			return seen(loss <= look.num('loss_bps_max'), loss, look.arg('loss_bps_max'))
		},
	},
]
