import type {Why} from '../../daemon/client/why.js'
import type {ToldIntent} from '../../daemon/client/why-newest.js'
import type {WhyCheck} from '../../daemon/client/why-verdict.js'
import type {Paint} from './colour.js'
import {inUnit} from './manual-order-view.js'
import {table} from './table.js'
import {amount, duration, instant, oneLine} from './terms.js'
import {fitText} from './width.js'

/** How long a wait lasts, at the venue and, where its time runs otherwise, here. */
const waitText = (wait_ms: number, speed: number): string =>
	speed === 1 || speed <= 0
		? duration(wait_ms)
		: `${duration(wait_ms)} of the venue’s time (${duration(wait_ms / speed)} here)`

const lower = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1).replace(/\.$/, '')

const against = (check: WhyCheck): string => {
	const used = inUnit(check, check.used)
	if (used === '') return ''
	return check.limit === '' ? used : `${used}, limit ${inUnit(check, check.limit)}`
}

/** An intent and its end, in words. */
export const intentText = (told: ToldIntent, now_ms: number): string => {
	const {side, unit, authority, notional_usdt, at_ms, outcome, open_at, used, limit, detail, id} = told
	const size = notional_usdt === null ? '' : ` ${amount(notional_usdt, 2)} USDT`
	const head = `${side}${size} by ${unit}${authority === 'live' ? '' : ` (${authority})`}, ${duration(now_ms - at_ms)} before`
	const values = [used === '' ? '' : limit === '' ? used : `${used} of ${limit}`, detail].filter(text => text !== '')
	const end = outcome
		? `${outcome.outcome} at ${outcome.unit}${outcome.reason === '' ? '' : ` by ${outcome.reason}`}`
		: open_at === ''
			? 'its way is not recorded any more'
			: `waits for ${open_at}`
	return oneLine(`${head}: ${end}${values.length > 0 ? ` (${values.join('; ')})` : ''}, id ${id}`)
}

const positionText = ({position, venue_ms}: Why): string => {
	if (!position) return ''
	const {amount: held, entry_price, opened_ms, opened_by, foreign, stop_resting, stop_price} = position
	const since = venue_ms === null ? '' : `, for ${duration(venue_ms - opened_ms)}`
	const whose =
		foreign === '' ? (opened_by === '' ? '' : `, opened by ${opened_by}`) : `, opened by others (${foreign})`
	const stop = stop_resting ? `stop rests at ${amount(stop_price, 8)}` : 'NO stop rests'
	return oneLine(
		`${held.startsWith('-') ? 'SHORT' : 'LONG'} ${held} at ${amount(entry_price, 8)} since ${instant(opened_ms)} of the venue’s time${since}${whose}; ${stop}`,
	)
}

const refusal = (check: WhyCheck, speed: number): string => {
	if (check.wait_ms !== null && check.wait_ms > 0) return `${check.code} for ${waitText(check.wait_ms, speed)} more`
	const values = against(check)
	return `${check.code}: ${values === '' ? lower(check.meaning) : values}`
}

/** The verdict in words. */
export const verdictText = (why: Why): string => {
	const {verdict, ask, newest, speed, machine_ms} = why
	const {code, check, besides} = verdict
	const also =
		besides.length === 0 ? '' : `; ${besides.slice(0, 3).join(', ')}${besides.length > 3 ? ' and others' : ''} besides`
	const order = `${ask.side} ${amount(ask.notional_usdt, 2)} USDT`
	switch (code) {
		case 'POSITION':
			return `has a position: ${positionText(why)}`
		case 'ENTERING':
			return oneLine(`an entry is on its way: plan ${check?.used ?? ''}`)
		case 'WOULD_TRADE':
			return `would trade: ${order} passes every gate`
		case 'UNKNOWN':
			return oneLine(`cannot be said: ${check?.code ?? ''} is not known (${check?.used ?? ''})`)
		case 'REFUSED':
			return oneLine(`${order} would be refused: ${check ? refusal(check, speed) : ''}${also}`)
		default: {
			const decided = check?.code === 'BAR_DECIDED' && newest ? `; the intent: ${intentText(newest, machine_ms)}` : ''
			const next = check?.wait_ms == null ? '' : `; the next bar closes in ${waitText(check.wait_ms, speed)}`
			return oneLine(`no signal: ${check ? lower(check.meaning) : ''}${next}${decided}${also}`)
		}
	}
}

const answer = ({passed}: WhyCheck, paint: Paint): string =>
	passed === null ? paint('busy', 'unknown') : passed ? paint('good', 'passes') : paint('bad', 'REFUSES')

/** The verdict, then every condition on the way in its order. */
export const whyView = (why: Why, paint: Paint, width = Number.POSITIVE_INFINITY): string => {
	const {symbol, verdict, ask, position, newest, checks, machine_ms, venue_ms} = why
	const from = {flags: 'as asked', signal: 'by the signal of now', intent: 'by the newest intent', policy: 'by policy'}
	const head = [
		`${symbol} ${paint(verdict.would ? 'good' : 'bad', verdictText(why))}`,
		'',
		`position       ${position ? positionText(why) : 'none known'}`,
		`newest intent  ${newest ? intentText(newest, machine_ms) : 'none on record'}`,
		`asked about    ${ask.side} ${amount(ask.notional_usdt, 2)} USDT, ${from[ask.from]}`,
		`read           ${instant(machine_ms)} UTC, the venue at ${venue_ms === null ? 'a time unknown' : instant(venue_ms)}`,
	].join('\n')
	const shown = table(
		[
			{heading: 'STEP', drop: 1, value: ({step}) => step},
			{heading: 'CHECK', value: ({code}) => code},
			{heading: 'ANSWER', value: check => answer(check, paint)},
			{heading: 'FOUND', drop: 3, value: check => oneLine(inUnit(check, check.used))},
			{heading: 'LIMIT', drop: 4, value: check => oneLine(inUnit(check, check.limit))},
			{heading: 'POLICY', drop: 5, value: ({policy}) => policy},
			{heading: 'WHAT WOULD HAVE TO CHANGE', drop: 2, value: ({passed, remedy}) => (passed ? '' : remedy)},
		],
		checks,
		{width},
	)
	return `${fitText(head, width)}\n\n${shown}`
}
