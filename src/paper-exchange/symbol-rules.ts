import {type Dec, dec} from './decimal.js'
import type {SymbolSpec} from './market.js'

export type Bracket = Readonly<{
	number: number
	cap: Dec
	floor: Dec
	leverage: number
	ratio: Dec
	cum: Dec
}>

/** A market's symbol with its numbers parsed once. */
export type SymbolRules = Readonly<{
	spec: SymbolSpec
	tick: Dec
	step: Dec
	min_quantity: Dec
	max_quantity: Dec
	max_market_quantity: Dec
	min_notional: Dec
	max_price: Dec
	brackets: readonly Bracket[]
}>

/** Limit orders must lie within these multiples of the mark price; market orders take no level beyond them. */
export const percentPrice = {up: dec('1.05'), down: dec('0.95')} as const

const maxPriceTicks = 1_000_000_000

export const parseRules = (spec: SymbolSpec): SymbolRules => ({
	spec,
	tick: dec(spec.tick_size),
	step: dec(spec.step_size),
	min_quantity: dec(spec.min_quantity),
	max_quantity: dec(spec.max_quantity),
	max_market_quantity: dec(spec.max_market_quantity),
	min_notional: dec(spec.min_notional),
	max_price: dec(spec.tick_size).mul(maxPriceTicks),
	brackets: spec.brackets.map((bracket, index) => ({
		number: index + 1,
		cap: dec(bracket.notional_cap),
		floor: dec(bracket.notional_floor),
		leverage: bracket.initial_leverage,
		ratio: dec(bracket.maintenance_ratio),
		cum: dec(bracket.cum),
	})),
})
