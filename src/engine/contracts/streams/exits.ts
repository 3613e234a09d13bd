import {z} from 'zod'
import {field} from '../field.js'
import {defineStream} from '../stream.js'
import {action} from './trade.js'

export const exitBrainPnl = defineStream({
	name: 'exitbrain.pnl',
	summary: 'What the exit owner sees of each open position; silence means that nobody owns its exit.',
	criticality: 'telemetry',
	payload: z.object({
		symbol: field.symbol(),
		opened_ms: field.integer(),
		/** Gain of price, a share: 0.01 = 1 %. */
		gain: field.real(),
		/** Gain over the margin; left out while the leverage is not known. */
		margin_gain: field.real().optional(),
		kill_score: field.real(),
		/** The internal stop; the target that comes next, if one is left. */
		stop_price: field.positive(),
		next_target_price: field.positive().optional(),
		targets_taken: field.integer(),
		trailing: field.flag(),
	}),
})

const harvestable = {
	symbol: field.symbol(),
	opened_ms: field.integer(),
	action,
	/** Part of the position that is closed; left out for a moved stop. */
	close_share: field.real().optional(),
	stop_price: field.positive().optional(),
	/** Gain in R, and what R is in USDT. */
	r: field.real(),
	r_usdt: field.decimal(),
	reason: field.text(),
} as const

export const harvestProposal = defineStream({
	name: 'harvest.proposal',
	summary: 'When partial profit should be taken, as a proposal.',
	criticality: 'telemetry',
	payload: z.object({proposal_id: field.text(), ...harvestable}),
})

export const harvestCalibrated = defineStream({
	name: 'harvest.calibrated',
	summary: 'The same after the heat of the symbol: hot symbols take more, earlier.',
	criticality: 'telemetry',
	payload: z.object({proposal_id: field.text(), ...harvestable, heat: field.real(), factor: field.real()}),
})

export const harvestHeatDecision = defineStream({
	name: 'harvest.heat.decision',
	summary: 'How hot a symbol or the whole portfolio is, and what that does to harvests.',
	criticality: 'telemetry',
	payload: z.object({
		/** A symbol, or `portfolio`. */
		scope: field.text(),
		/** From 0 (cold) to 1 (fully hot). */
		heat: field.real(),
		/** Harvests close this many times their usual part. */
		factor: field.real(),
	}),
})

export const applyHeatObserved = defineStream({
	name: 'apply.heat.observed',
	summary: 'Entry plans of a symbol per hour, against what counts as overtrading.',
	criticality: 'telemetry',
	payload: z.object({
		symbol: field.symbol(),
		plans_per_hour: field.integer(),
		limit_per_hour: field.integer(),
		heat: field.real(),
	}),
})

export const harvestSuggestions = defineStream({
	name: 'harvest.suggestions',
	summary: 'What harvest-brain does, or in shadow would do.',
	criticality: 'telemetry',
	payload: z.object({suggestion_id: field.text(), ...harvestable, sent: field.flag()}),
})
