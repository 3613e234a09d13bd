import {setTimeout as pause} from 'node:timers/promises'
import {z} from 'zod'
import {encodeEnvelope} from '../../engine/contracts/envelope.js'
import {encodeFields} from '../../engine/contracts/field.js'
import {keys} from '../../engine/contracts/keys.js'
import {ESS_STATES, essReset} from '../../engine/contracts/streams/risk.js'
import {OperatorError} from '../../engine/errors.js'
import {EXIT_CODES} from '../../engine/exit-codes.js'
import {CLIENT_LIMITS} from './client-limits.js'
import {ESS_STALE_MS} from './ess-record.js'
import {operatorEnvelope} from './operator-envelope.js'
import type {State} from './state.js'

const level = z.enum(ESS_STATES)

const rule = z.object({
	rule: z.string(),
	level,
	used: z.string(),
	warning: z.string(),
	/** Null where it goes no further than WARNING. */
	critical: z.string().nullable().default(null),
})
export type EssRule = z.output<typeof rule>

const record = z.object({
	state: level,
	/** What decided it; NONE where every rule holds. */
	rule: z.string(),
	used: z.string(),
	limit: z.string(),
	/** Venue time, ms. */
	since_ms: z.coerce.number(),
	/** CRITICAL closes everything. */
	flatten: z.stringbool(),
	equity_known: z.stringbool(),
	equity_usdt: z.string(),
	rules: z.string().transform(text => z.array(rule).parse(JSON.parse(text))),
	reset_id: z.string().default(''),
	reset_outcome: z.string().default(''),
	reset_detail: z.string().default(''),
	/** Venue time at which the unit last looked, ms. */
	venue_ms: z.coerce.number(),
	machine_ms: z.coerce.number(),
})

export type EssView = Readonly<{
	state: (typeof ESS_STATES)[number]
	rule: string
	used: string
	limit: string
	since_ms: number
	flatten: boolean
	/** Null before it is known. */
	equity_usdt: string | null
	/** Where every rule stands now, in the order of precedence. */
	rules: readonly EssRule[]
	venue_ms: number
	/** Machine time since it was last confirmed. */
	age_ms: number
	stale: boolean
}>

const silent = (detail: string): OperatorError =>
	new OperatorError(detail, {
		exit_code: EXIT_CODES.unreachable,
		hint: `see qt status: ${keys.essState.owner} says it once a second`,
	})

const read = async ({bus, naming}: State) => {
	const fields = await bus.hashAll(naming.key(keys.essState, {}))
	if (fields.state === undefined) throw silent('the Emergency Stop System has not spoken yet')
	return record.parse(fields)
}

/** @throws OperatorError (unreachable) before the first word of the ESS */
export const readEss = async (state: State, now_ms: () => number): Promise<EssView> => {
	const {
		machine_ms,
		equity_known,
		equity_usdt,
		reset_id: _,
		reset_outcome: __,
		reset_detail: ___,
		...said
	} = await read(state)
	const age_ms = Math.max(0, now_ms() - machine_ms)
	return {...said, equity_usdt: equity_known ? equity_usdt : null, age_ms, stale: age_ms > ESS_STALE_MS}
}

export type EssReset = Readonly<{outcome: 'RESET' | 'UNCHANGED'; detail: string; ess: EssView}>
type Options = Readonly<{by: string; reason: string; now_ms: () => number}>

/** Machine time that the unit may take to answer. */
const ANSWER_WITHIN_MS = 5_000

/**
 * Asks for a reset and waits for the answer of the ESS.
 * @throws OperatorError (refused) while its cause stands, (unreachable) when it does not answer
 */
export const resetEss = async (state: State, {by, reason, now_ms}: Options): Promise<EssReset> => {
	const {bus, naming} = state
	await read(state)
	const asked_ms = now_ms()
	const envelope = await operatorEnvelope(state, {what: essReset.name, by, time_ms: asked_ms, v: essReset.version})
	await bus.append(naming.stream(essReset.name), {...encodeEnvelope(envelope), ...encodeFields({by, reason})})
	const deadline = performance.now() + ANSWER_WITHIN_MS
	for (;;) {
		const {reset_id, reset_outcome, reset_detail: detail} = await read(state)
		if (reset_id === envelope.id) {
			if (reset_outcome === 'REFUSED')
				throw new OperatorError(`the ESS was not reset: ${detail}`, {
					exit_code: EXIT_CODES.refused,
					hint: 'see qt ess for every rule; put that right, or wait until it has passed',
				})
			return {outcome: reset_outcome === 'RESET' ? 'RESET' : 'UNCHANGED', detail, ess: await readEss(state, now_ms)}
		}
		if (performance.now() >= deadline)
			throw silent(`the ESS did not answer within ${ANSWER_WITHIN_MS / 1_000} s; it will when it runs`)
		await pause(CLIENT_LIMITS.poll_ms)
	}
}
