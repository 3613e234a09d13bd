import type {Fields} from '../contracts/field.js'
import type {KeyContract} from '../contracts/key.js'
import {keys} from '../contracts/keys.js'
import {BSC_STATES, ESS_STATES} from '../contracts/streams/risk.js'
import type {Metric, Sample} from './prometheus.js'

/** What is looked at to say whether orders may leave, and what of each limit is in use. */
export const scrapedKeys: readonly KeyContract[] = [
	...[keys.kill, keys.execution, keys.arm, keys.blockedSymbols, keys.reconcileLast, keys.unitState],
	...[keys.essState, keys.essWatch, keys.bscState],
	...[keys.totalNotional, keys.reservations, keys.execHistory, keys.cooldown, keys.marketQuote],
	...[keys.portfolioState, keys.heatPortfolio, keys.marginTotal, keys.budget],
]

/** The keys that say whether orders may leave, as they lie in Redis. */
export type SafetyReading = Readonly<{
	kill: string | undefined
	arm: Fields
	execution: string | undefined
	ess: Fields
	ess_watch: Fields
	bsc: Fields
	reconcile: Fields
	blocked_symbols: number
	/** Machine time, ms. */
	machine_ms: number
}>

const EXECUTION = ['ENABLED', 'REDUCE_ONLY', 'DISABLED'] as const
const gauge = (name: string, help: string, samples: readonly Sample[]): Metric => ({name, type: 'gauge', help, samples})
const one = (value: number | undefined): readonly Sample[] => (value === undefined ? [] : [{value}])
/** One series per state, 1 where it is: a state that is not known has none. */
const states = (all: readonly string[], now: string | undefined): readonly Sample[] =>
	now === undefined ? [] : all.map(state => ({labels: {state}, value: state === now ? 1 : 0}))

export const safetyMetrics = (reading: SafetyReading): readonly Metric[] => {
	const {kill, arm, execution, ess, ess_watch, bsc, reconcile, blocked_symbols, machine_ms} = reading
	const ages = Object.entries({ess, ess_watch, bsc, reconcile}).flatMap(([watch, {machine_ms: told_ms}]) =>
		told_ms === undefined ? [] : [{labels: {watch}, value: Math.max(0, machine_ms - Number(told_ms)) / 1_000}],
	)
	return [
		// Whatever is missing or unreadable says stop: so it does here.
		gauge('qt_kill', '1 while nothing may be sent', one(kill === '0' && arm.armed === '1' ? 0 : 1)),
		gauge(
			'qt_arm_epoch',
			'Epoch of the newest arming or kill',
			one(arm.epoch === undefined ? undefined : Number(arm.epoch)),
		),
		gauge('qt_execution', '1 for the state of the execution switch', states(EXECUTION, execution)),
		gauge('qt_ess', '1 for the state of the Emergency Stop System', states(ESS_STATES, ess.state)),
		gauge('qt_bsc', '1 for the state of the Baseline Safety Controller', states(BSC_STATES, bsc.state)),
		gauge('qt_watch_age_seconds', 'Time since this watch last said what it sees', ages),
		gauge('qt_blocked_symbols', 'Symbols that an operator has stopped', one(blocked_symbols)),
	]
}

/** A limit of the policy with what is used of it. */
export type LimitUse = Readonly<{name: string; used: string | null; limit: string; share: number | null}>

const numeric = (value: string | null): boolean => value !== null && Number.isFinite(Number(value))

/** Limits in the units of the policy, which differ: the share is what compares. What has no use has none here. */
export const limitMetrics = (limits: readonly LimitUse[]): readonly Metric[] => [
	gauge(
		'qt_limit',
		'Limit of the policy, in its own unit',
		limits.filter(({limit}) => numeric(limit)).map(({name, limit}) => ({labels: {limit: name}, value: Number(limit)})),
	),
	gauge(
		'qt_limit_used',
		'What is used of the limit now, in its own unit',
		limits.filter(({used}) => numeric(used)).map(({name, used}) => ({labels: {limit: name}, value: Number(used)})),
	),
	gauge(
		'qt_limit_used_ratio',
		'What is used of the limit now: 1 is all of it',
		limits.flatMap(({name, share}) => (share === null ? [] : [{labels: {limit: name}, value: share}])),
	),
]
