import type {Policy} from '../contracts/policy.js'
import {intervalMs} from '../contracts/streams/market.js'
import {allowanceMs} from './allowance.js'

export type UnitLook = Readonly<{name: string; state: string; reason: string | null; stale_ms?: number | null}>
export type RedisLook = Readonly<{
	/** Time that it took to answer, ms. */
	answer_ms: number
	/** `ok`, `err`; undefined where the server does not say, or keeps no append-only file. */
	aof_write: string | undefined
	aof_enabled: boolean
	/** What it does when memory is full; anything but noeviction throws entries away. */
	maxmemory_policy: string | undefined
}>
/** An order of ours at the venue that can open a position, and whose plan is on no stream. */
export type UnplannedOrder = Readonly<{client_id: string; symbol: string}>

/** What one look finds. Times are machine time unless named otherwise. */
export type HealthReading = Readonly<{
	/** Undefined where the daemon does not answer. */
	units: readonly UnitLook[] | undefined
	redis: RedisLook
	/** Newest comparison with the venue; undefined before the first. */
	reconciled_ms: number | undefined
	armed: boolean
	/** Venue time of the newest verdict on an intent or a plan; undefined where there is none. */
	decided_venue_ms: number | undefined
	unplanned: readonly UnplannedOrder[]
	/** Where the next look for orders begins. */
	cursor: string
}>

/** Something that is wrong as long as it stands: the same code and subject until it is over. */
export type HealthProblem = Readonly<{
	code: string
	subject: string
	severity: 'warning' | 'critical'
	message: string
}>

type Now = Readonly<{
	now_ms: number
	machine_ms: number
	speed: number
	policy: Policy
	/** Venue time from which a decision is waited for: the first look that found it armed. */
	armed_venue_ms: number | undefined
}>

/** Decision bars without a verdict on anything: a strategy that is quiet lets some pass, not so many in every symbol. */
export const SILENT_BARS = 8
const REDIS_SLOW_MS = 1_000
const MINUTE_MS = 60_000

const problem = (
	severity: HealthProblem['severity'],
	code: string,
	subject: string,
	message: string,
): HealthProblem => ({severity, code, subject, message})

const unitProblems = (units: HealthReading['units']): readonly HealthProblem[] =>
	units === undefined
		? [problem('critical', 'DAEMON_SILENT', 'daemon', 'the daemon does not answer: nothing restarts what fails')]
		: units.flatMap(({name, state, reason, stale_ms}) => {
				const why = reason === null ? '' : `: ${reason}`
				if (state === 'FAILED')
					return [problem('critical', 'UNIT_FAILED', name, `${name} was given up${why}; see qt reset`)]
				if (state === 'STARTING')
					return [problem('warning', 'UNIT_NOT_READY', name, `${name} does not become ready${why}`)]
				return stale_ms ? [problem('warning', 'UNIT_SILENT', name, `${name} does not answer${why}`)] : []
			})

const redisProblems = ({answer_ms, aof_write, aof_enabled, maxmemory_policy}: RedisLook): readonly HealthProblem[] => [
	...(answer_ms > REDIS_SLOW_MS
		? [problem('warning', 'REDIS_SLOW', 'redis', `Redis took more than ${REDIS_SLOW_MS} ms to answer`)]
		: []),
	...(aof_enabled && aof_write !== undefined && aof_write !== 'ok'
		? [problem('critical', 'REDIS_WRITE_FAILED', 'redis', 'Redis cannot write its append-only file: see its disk')]
		: []),
	...(aof_enabled
		? []
		: [
				problem('warning', 'REDIS_NOT_DURABLE', 'redis', 'Redis keeps no append-only file: what it holds ends with it'),
			]),
	...(maxmemory_policy === undefined || maxmemory_policy === 'noeviction'
		? []
		: [
				problem(
					'critical',
					'REDIS_EVICTS',
					'redis',
					`Redis throws entries away when its memory is full (${maxmemory_policy}): set maxmemory-policy noeviction`,
				),
			]),
]

const venueProblems = ({reconciled_ms, units}: HealthReading, {machine_ms, policy}: Now): readonly HealthProblem[] => {
	const compares = units?.some(({name, state}) => name === 'reconcile-engine' && state === 'RUNNING') === true
	if (!compares || reconciled_ms === undefined) return []
	const limit_ms = policy.reconcile_stale_machine_ms
	return machine_ms - reconciled_ms <= limit_ms
		? []
		: [
				problem(
					'warning',
					'VENUE_UNPROVEN',
					'venue',
					`no comparison with the venue for more than ${limit_ms / 1_000} s`,
				),
			]
}

/** Hours without an order and without an error is how a dead strategy looks: nobody is told, unless somebody counts. */
const silence = (reading: HealthReading, {now_ms, speed, policy, armed_venue_ms}: Now): readonly HealthProblem[] => {
	if (!reading.armed || armed_venue_ms === undefined) return []
	const limit_ms = allowanceMs(SILENT_BARS * intervalMs(policy.bar), policy, speed)
	const since_ms = Math.max(armed_venue_ms, reading.decided_venue_ms ?? 0)
	if (now_ms - since_ms <= limit_ms) return []
	const minutes = Math.round(limit_ms / MINUTE_MS)
	const message = `armed, and no decision on any intent or plan for ${minutes} minutes of venue time: see qt status, qt streams`
	return [problem('warning', 'NO_DECISION', 'pipeline', message)]
}

/** What stands wrong at this look. */
export const healthProblems = (reading: HealthReading, now: Now): readonly HealthProblem[] => [
	...unitProblems(reading.units),
	...redisProblems(reading.redis),
	...venueProblems(reading, now),
	...silence(reading, now),
]
