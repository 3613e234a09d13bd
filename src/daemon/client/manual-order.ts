import {setTimeout as pause} from 'node:timers/promises'
import {encodeFields} from '../../engine/contracts/field.js'
import {keys} from '../../engine/contracts/keys.js'
import {MODES, type Mode} from '../../engine/contracts/mode.js'
import {applyPlanManual, applyResult, governorEvents, type Plan} from '../../engine/contracts/streams/trade.js'
import {OperatorError} from '../../engine/errors.js'
import {EXIT_CODES} from '../../engine/exit-codes.js'
import {closingSide} from '../../engine/logic/closing.js'
import {exact, isZero, sizeText, textOf} from '../../engine/logic/exact.js'
import {leverageWithin, stopDistance} from '../../engine/logic/loss-at-stop.js'
import {OPERATOR} from '../../engine/logic/plan-author.js'
import {idOf} from '../../engine/runtime/identity.js'
import {audited} from './audit.js'
import {type GatePreview, previewPlan} from './gate-preview.js'
import {type Home, storedSystem} from './home.js'
import {operatorName} from './killing.js'
import type {OrderPreview} from './order-preview.js'
import type {State} from './state.js'
import {readClock} from './watch-state.js'

/** What an operator asks for, before it is a plan. */
export type Asked =
	| Readonly<{
			what: 'place'
			symbol: string
			side: 'BUY' | 'SELL'
			notional_usdt?: string | undefined
			quantity?: string | undefined
			leverage?: number | undefined
			stop_price?: string | undefined
			target_price?: string | undefined
			add: boolean
	  }>
	| Readonly<{what: 'close'; symbol: string; quantity?: string | undefined}>
	| Readonly<{what: 'cancel'; symbol: string; client_ids: readonly string[]}>

export type ManualOrder = Readonly<{
	plan: Plan
	preview: GatePreview
	/** What would reach the exchange; null where it is no market order, or the rules of the symbol are not known. */
	order: OrderPreview | null
	/** The highest leverage at which the loss at the stop stays inside its limit; null where nothing opens. */
	leverage_max: number | null
	/** What became of it; PREVIEW when nothing was asked for but the gates. UNKNOWN: no answer within the limit. */
	outcome: 'PREVIEW' | 'REFUSED' | 'EXECUTED' | 'FAILED' | 'SKIPPED' | 'UNKNOWN'
	detail: string
	quantity: string
	average_price: string
}>

const ANSWER_MS = 15_000
const POLL_MS = 50

const refuse = (message: string, hint: string): OperatorError =>
	new OperatorError(message, {exit_code: EXIT_CODES.refused, hint})

const hold = async ({bus, naming}: State, symbol: string): Promise<string> =>
	(await bus.hashGet(naming.key(keys.positionSnapshot, {symbol}), 'amount')) ?? '0'

const planOf = async (state: State, asked: Asked, plan_id: string): Promise<Plan> => {
	const {bus, naming} = state
	const {symbol} = asked
	const common = {plan_id, symbol, source: OPERATOR, reason: `by ${operatorName()}`}
	if (asked.what === 'cancel') return {...common, action: 'CANCEL_STOP', cancel_ids: [...asked.client_ids]}
	if (asked.what === 'close') {
		const amount = await hold(state, symbol)
		if (isZero(amount)) throw refuse(`${symbol} is flat: there is nothing to close`, 'qt positions')
		const held = exact(amount).abs()
		const {quantity = textOf(held)} = asked
		if (exact(quantity).gt(held))
			throw refuse(`${quantity} ${symbol} is more than the position of ${textOf(held)}`, 'qt positions')
		const whole = exact(quantity).eq(held)
		const action = whole ? 'FULL_CLOSE_PROPOSED' : 'PARTIAL_CLOSE_25'
		return {
			...common,
			action,
			side: closingSide(amount),
			quantity: sizeText(exact(quantity)),
		}
	}
	const {side, notional_usdt, quantity, leverage, stop_price, target_price, add} = asked
	const {bid, ask} = await bus.hashAll(naming.key(keys.marketQuote, {symbol}))
	const reference_price = side === 'BUY' ? ask : bid
	return {
		...common,
		action: add ? 'ADD' : 'OPEN',
		side,
		...(notional_usdt !== undefined && {notional_usdt}),
		...(quantity !== undefined && {quantity}),
		...(reference_price && {reference_price}),
		...(leverage !== undefined && {leverage}),
		...(stop_price !== undefined && {stop_price}),
		...(target_price !== undefined && {target_price}),
	}
}

type Fields = Readonly<Record<string, string>>

/** The newest entry about the plan, once there is one that counts; undefined when the time is over. */
const answerTo = async (
	{bus, naming}: State,
	stream: string,
	plan_id: string,
	counts: (fields: Fields) => boolean,
	now_ms: () => number,
): Promise<Fields | undefined> => {
	const until = now_ms() + ANSWER_MS
	while (now_ms() < until) {
		const entries = await bus.range(naming.stream(stream), {count: 200, newest_first: true})
		const found = entries.find(({fields}) => fields.plan_id === plan_id && counts(fields))
		if (found) return found.fields
		await pause(POLL_MS)
	}
	return undefined
}

const modeOf = (home: Home): Mode => MODES.find(mode => mode === storedSystem(home).mode) ?? 'PAPER'

const WORDS = {EXECUTED: 'EXECUTED', FAILED: 'FAILED', SKIP: 'SKIPPED'} as const

/** What the governor and then the sender made of the plan. */
const follow = async (
	state: State,
	plan_id: string,
	now_ms: () => number,
): Promise<Omit<ManualOrder, 'plan' | 'preview' | 'order' | 'leverage_max'>> => {
	const nothing = {quantity: '', average_price: ''}
	const unknown = {outcome: 'UNKNOWN' as const, ...nothing}
	const judged = ({verdict}: Fields) => verdict === 'ALLOW' || verdict === 'REFUSE' || verdict === 'REPEAT'
	const verdict = await answerTo(state, governorEvents.name, plan_id, judged, now_ms)
	if (!verdict) return {...unknown, detail: `the governor has not answered within ${ANSWER_MS} ms`}
	const {reason = '', used = '', limit = ''} = verdict
	if (verdict.verdict !== 'ALLOW') return {outcome: 'REFUSED', detail: `${reason}: ${used} of ${limit}`, ...nothing}
	const settled = ({decision}: Fields) => decision !== 'UNKNOWN'
	const result = await answerTo(state, applyResult.name, plan_id, settled, now_ms)
	if (!result) return {...unknown, detail: `allowed, and no result within ${ANSWER_MS} ms`}
	const {decision = '', error = '', detail = '', filled_quantity = '', average_price = ''} = result
	return {
		outcome: WORDS[decision as keyof typeof WORDS] ?? 'UNKNOWN',
		detail: [error, detail].filter(part => part !== '').join(' '),
		quantity: filled_quantity,
		average_price,
	}
}

/**
 * Asks every gate about what an operator wants, and unless that is all, asks for it on the manual lane and follows it
 * to its result.
 * @throws OperatorError (refused) when there is nothing to close, or less than is asked for
 */
export const manualOrder = async (
	home: Home,
	state: State,
	{asked, dry_run, now_ms}: Readonly<{asked: Asked; dry_run: boolean; now_ms: () => number}>,
): Promise<ManualOrder> => {
	const {readPolicy} = await import('../system/policy-file.js')
	const policy = readPolicy(home)
	const clock = await readClock(state, now_ms())
	const machine_ms = now_ms()
	const plan_id = idOf('order', operatorName(), asked.symbol, machine_ms, process.pid)
	const bare = await planOf(state, asked, plan_id)
	const leverage_max = asked.what === 'place' ? leverageWithin(stopDistance(bare, policy), policy) : null
	const plan = leverage_max === null ? bare : {...bare, leverage: bare.leverage ?? leverage_max}
	const now = {now_ms: Math.round(clock?.venue_ms ?? machine_ms), machine_ms, speed: clock?.speed ?? 1}
	const {order, ...preview} = await previewPlan(state, plan, {...now, policy, mode: modeOf(home)})
	const foreseen = {plan, preview, order, leverage_max}
	if (dry_run) return {...foreseen, outcome: 'PREVIEW', detail: '', quantity: '', average_price: ''}
	const parsed = applyPlanManual.payload.safeParse(plan)
	if (!parsed.success)
		throw new OperatorError(parsed.error.issues.map(({path, message}) => `${path.join('.')}: ${message}`).join('; '), {
			exit_code: EXIT_CODES.usage,
			hint: 'see qt order place --help',
		})
	const {action, symbol, side, quantity, notional_usdt, stop_price, cancel_ids} = plan
	const entry = {what: `order ${asked.what}`, why: plan.reason ?? ''}
	const send = async () => {
		await state.bus.append(state.naming.stream(applyPlanManual.name), encodeFields(plan))
		return follow(state, plan_id, now_ms)
	}
	const became = await audited(home, now_ms, entry, send, result => ({
		outcome: result.outcome,
		before: {action, symbol, side, quantity, notional_usdt, stop_price, cancel_ids},
		after: {plan_id, ...result},
	}))
	return {...foreseen, ...became}
}
