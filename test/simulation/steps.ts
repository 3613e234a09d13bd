import * as fc from 'fast-check'
import type {AnyUnit} from '../../src/engine/contracts/unit.js'
import {unitByName} from '../../src/engine/registry.js'

/** What may happen on the path of orders, in any order. */

export const SYMBOLS = ['AAAUSDT', 'BBBUSDT', '币安人生USDT']
const NAMES = [
	'governor',
	'portfolio-gate',
	'intent-bridge',
	'apply-layer',
	'execution',
	'execution-result-bridge',
	'position-state-brain',
] as const
export type Name = (typeof NAMES)[number]

export const unitOf = (name: string): AnyUnit => {
	const unit = unitByName.get(name)
	if (!unit) throw new Error(`${name} is no unit`)
	return unit
}

/** Who reads what. Reference data that the story gives by hand is left out. */
export const PORTS: ReadonlyArray<readonly [Name, string]> = [
	['governor', 'plan'],
	['governor', 'result'],
	['governor', 'fill'],
	['apply-layer', 'verdict'],
	['execution', 'verdict'],
	['execution', 'result'],
	['execution', 'account'],
	['execution-result-bridge', 'fill'],
	['position-state-brain', 'account'],
	['position-state-brain', 'result'],
	['intent-bridge', 'position'],
	['intent-bridge', 'gate'],
	['portfolio-gate', 'position'],
	['portfolio-gate', 'intent'],
	['portfolio-gate', 'verdict'],
]
export const EVERYBODY: readonly Name[] = NAMES

const symbol = fc.constantFrom(...SYMBOLS)
const parts = fc.integer({min: 1, max: 3})
const cut = fc.option(fc.nat({max: 3}), {nil: undefined, freq: 3})

const weighted = [
	{weight: 14, arbitrary: fc.record({do: fc.constant('handle' as const), port: fc.nat({max: PORTS.length - 1})})},
	{
		weight: 9,
		arbitrary: fc.record({
			do: fc.constant('intent' as const),
			symbol,
			side: fc.constantFrom('BUY', 'BUY', 'SELL'),
			action: fc.constantFrom(undefined, ...Array<'OPEN'>(6).fill('OPEN'), 'ADD', 'ADD', 'CLOSE', 'PARTIAL_CLOSE_50'),
			position_size_usd: fc.constantFrom('1', '10', '50', '60', '500'),
		}),
	},
	{
		weight: 2,
		arbitrary: fc.record({
			do: fc.constant('exit' as const),
			symbol,
			unit: fc.constantFrom('exit-monitor', 'exitbrain', 'harvest-brain'),
			half: fc.boolean(),
		}),
	},
	/** A request reaches the venue, or the sender dies between two of its steps; or the news of it reach the sender. */
	{weight: 4, arbitrary: fc.record({do: fc.constant('carry-out' as const), parts, cut})},
	{weight: 3, arbitrary: fc.record({do: fc.constant('answer' as const)})},
	{weight: 9, arbitrary: fc.record({do: fc.constant('flow' as const)})},
	{
		weight: 1,
		arbitrary: fc.record({
			do: fc.constant('trigger' as const),
			symbol,
			kind: fc.constantFrom('stop' as const, 'target' as const),
			parts,
		}),
	},
	/** A process ends, and the next one dies at this call to the bus at the latest, carried out or not. */
	{
		weight: 3,
		arbitrary: fc.record({
			do: fc.constant('die' as const),
			unit: fc.constantFrom(...NAMES),
			calls: fc.integer({min: 0, max: 12}),
			carriedOut: fc.boolean(),
		}),
	},
	{
		weight: 2,
		arbitrary: fc.record({do: fc.constant('pass' as const), ms: fc.constantFrom(1, 1, 1_000, 1_000, 5_000, 61_000)}),
	},
	/** An old verdict comes again; somebody writes a verdict, its permit and free slots by hand. */
	{weight: 3, arbitrary: fc.record({do: fc.constant('again' as const), place: fc.nat({max: 2})})},
	{weight: 1, arbitrary: fc.record({do: fc.constant('forge' as const), symbol})},
]

export const storyStep = fc.oneof(...weighted)
export type StoryStep = typeof storyStep extends fc.Arbitrary<infer T> ? T : never
export const story = fc.array(storyStep, {minLength: 40, maxLength: 100, size: 'max'})
