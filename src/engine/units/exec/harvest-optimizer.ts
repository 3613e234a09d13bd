import {z} from 'zod'
import {events} from '../../contracts/streams/ops.js'
import {policyUpdate} from '../../contracts/streams/risk.js'
import {tradeClosed} from '../../contracts/streams/trade.js'
import {type Context, defineUnit, type Step, stay} from '../../contracts/unit.js'
import {EXIT_QUALITY} from '../../logic/excursion.js'
import {remember} from '../../logic/seen-window.js'
import {type TrailSample, tunedTrail} from '../../logic/trail-tuning.js'
import {idOf} from '../../runtime/identity.js'

type State = Readonly<{
	/** Trades that a strategy of ours opened and whose path is still to come, the newest. */
	ours: readonly string[]
	/** Paths whose trade is still to come, the newest. */
	paths: readonly (TrailSample & Readonly<{trade_id: string}>)[]
	samples: readonly TrailSample[]
	/** Venue time of the newest proposal. */
	proposed_ms?: number
}>

const NAME = 'harvest-optimizer'
const writes = {update: policyUpdate}
type Ports = Context<typeof writes, Record<never, never>, Record<never, never>>

const initial: State = {ours: [], paths: [], samples: []}
/** One distance is for all symbols, so all of them are one partition. */
const WHOLE = ''
const SAMPLES_MAX = 200
/** A trade and its path come on two streams, soon after each other. */
const UNMATCHED_MAX = 50
const EVERY_MS = 86_400_000

/** Of an exit quality, what is looked at here. */
const pathSchema = z.object({
	trade_id: z.string().min(1),
	closed_ms: z.number(),
	trailed: z.record(z.string(), z.number()),
})

const pathOf = (detail: string) => {
	try {
		return pathSchema.safeParse(JSON.parse(detail)).data
	} catch {
		return undefined
	}
}

const sampled = (state: State, sample: TrailSample, {emit, policy, now_ms, entry}: Ports): Step<State> => {
	const samples = [...state.samples, sample].slice(-SAMPLES_MAX)
	const next: State = {...state, samples}
	if (state.proposed_ms !== undefined && now_ms - state.proposed_ms < EVERY_MS) return {state: next}
	const tuning = tunedTrail(samples, policy.harvest)
	if (!tuning) return {state: next}
	const {trail_r, gain_r, t_value, trades} = tuning
	const figures = `${gain_r.toFixed(3)} R per trade out of sample, t ${t_value.toFixed(2)}, ${trades} closed trades`
	const update = emit.update({
		proposal_id: idOf(NAME, entry.id),
		reason: `stops that trail ${trail_r} R instead of ${policy.harvest.trail_r} R behind gained ${figures}`,
		changes: {'harvest.trail_r': trail_r},
	})
	return {state: {...next, proposed_ms: now_ms}, wishes: [update]}
}

/** Proposes, never decides, and only what tightens: nothing wider than what was in force can be seen in the trades. */
export const harvestOptimizer = defineUnit({
	name: NAME,
	target: 'exec',
	process: 'exits',
	kind: 'stream',
	port: 8052,
	summary: 'Tighter trailing stops of harvests, chosen on older closed trades and confirmed on newer ones.',
	reads: {closed: tradeClosed, event: events},
	writes,
	keys: {},
	initial: () => initial,
	partition: () => WHOLE,
	on: {
		/** Positions that others opened say nothing of our entries and exits. */
		closed: (state, {trade_id, strategy}, context) => {
			if (context.entry.authority !== 'live' || strategy === undefined) return stay
			const path = state.paths.find(one => one.trade_id === trade_id)
			if (!path) return {state: {...state, ours: remember(state.ours, trade_id, UNMATCHED_MAX)}}
			const {trade_id: _, ...sample} = path
			return sampled({...state, paths: state.paths.filter(one => one !== path)}, sample, context)
		},
		event: (state, {event, detail}, context) => {
			if (event !== EXIT_QUALITY || context.entry.authority !== 'live') return stay
			const path = pathOf(detail)
			if (!path || Object.keys(path.trailed).length === 0) return stay
			const {trade_id, closed_ms, trailed: gains} = path
			const sample: TrailSample = {closed_ms, gains}
			if (state.ours.includes(trade_id))
				return sampled({...state, ours: state.ours.filter(id => id !== trade_id)}, sample, context)
			return {state: {...state, paths: [...state.paths, {trade_id, ...sample}].slice(-UNMATCHED_MAX)}}
		},
	},
})
