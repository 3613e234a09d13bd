import type {GateRow} from './gate-preview.js'

/** The steps that an intent takes, and what stands beside them, in their order. */
export const WHY_STEPS = ['data', 'signal', 'portfolio-gate', 'intent-bridge', 'system', 'governor'] as const
export type WhyStep = (typeof WHY_STEPS)[number]

/** One condition: value against limit, and what would have to change. */
export type WhyCheck = Omit<GateRow, 'passed'> &
	Readonly<{
		step: WhyStep
		/** Null where it cannot be said. */
		passed: boolean | null
		/** Venue time after which it passes by itself, ms; null where waiting is not known to help. */
		wait_ms: number | null
	}>

type Told = Pick<WhyCheck, 'step' | 'code' | 'passed'> & Partial<WhyCheck>

/** A check with what it leaves out empty. */
export const checkOf = (told: Told): WhyCheck => ({
	used: '',
	limit: '',
	unit: '',
	policy: '',
	meaning: '',
	remedy: '',
	wait_ms: null,
	...told,
})

export const VERDICTS = ['POSITION', 'ENTERING', 'WOULD_TRADE', 'NO_SIGNAL', 'REFUSED', 'UNKNOWN'] as const

export type WhyVerdict = Readonly<{
	code: (typeof VERDICTS)[number]
	/** It has a position, is entering one, or would. */
	would: boolean
	/** What decides; null where nothing stands against it. */
	check: WhyCheck | null
	/** Codes that refuse besides. */
	besides: readonly string[]
}>

export type WhyFacts = Readonly<{
	held: boolean
	checks: readonly WhyCheck[]
	/** Whether a signal is needed: not for an order that somebody asks about. */
	signal_counts: boolean
}>

const IN_PROGRESS = 'ENTRY_IN_PROGRESS'
/** A system that is stopped trades on no signal; without a signal no gate is asked. */
const DECIDING: readonly WhyStep[] = ['system', 'signal', 'portfolio-gate', 'intent-bridge', 'governor']

/** What the checks come to, by the first that stands against it. */
export const verdictOf = ({held, checks, signal_counts}: WhyFacts): WhyVerdict => {
	const counted = DECIDING.filter(step => step !== 'signal' || signal_counts).flatMap(step =>
		checks.filter(check => check.step === step),
	)
	const refusing = counted.filter(({passed}) => passed === false)
	const [first] = refusing
	const besides = [...new Set(refusing.slice(1).map(({code}) => code))].filter(code => code !== first?.code)
	if (held) return {code: 'POSITION', would: true, check: null, besides: []}
	const entering = refusing.find(({code}) => code === IN_PROGRESS)
	if (entering) return {code: 'ENTERING', would: true, check: entering, besides: []}
	if (first) return {code: first.step === 'signal' ? 'NO_SIGNAL' : 'REFUSED', would: false, check: first, besides}
	const unknown = counted.find(({passed}) => passed === null)
	if (unknown) return {code: 'UNKNOWN', would: false, check: unknown, besides: []}
	return {code: 'WOULD_TRADE', would: true, check: null, besides: []}
}
