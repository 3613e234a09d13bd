import type {AnyUnit} from '../../engine/contracts/unit.js'
import {OperatorError} from '../../engine/errors.js'
import {EXIT_CODES} from '../../engine/exit-codes.js'
import {named, resolveUnit, units} from '../../engine/registry.js'
import {closestName} from '../supervision/closest-name.js'

/** Units that are programs of their own rather than handlers of streams. */
export const serverUnits = [
	{
		name: 'redis',
		target: 'core',
		kind: 'server',
		aliases: ['redis-server'],
		code: null,
		summary: 'The stream broker and state store.',
	},
	{
		name: 'paper-exchange',
		target: 'core',
		kind: 'server',
		aliases: [],
		/** From the root of the sources; null for a program of others. */
		code: 'paper-exchange/main.ts',
		summary: 'The embedded venue of mode PAPER.',
	},
] as const

/** A server by its name or an alias. */
export const resolveServer = (typed: string): (typeof serverUnits)[number] | undefined =>
	named<(typeof serverUnits)[number]>(serverUnits, typed)

export const unitNames = (): readonly string[] => [
	...serverUnits.flatMap(({name, aliases}) => [name, ...aliases]),
	...units.flatMap(({name, aliases = []}) => [name, ...aliases]),
]

export const unknownName = (what: string, typed: string, known: readonly string[]): OperatorError => {
	const near = closestName(typed, known)
	return new OperatorError(`unknown ${what}: ${typed}`, {
		exit_code: EXIT_CODES.usage,
		hint: near ? `did you mean ${near}?` : 'see qt registry list',
	})
}

/** @throws OperatorError (usage) with the nearest name. */
export const requireUnit = (typed: string): AnyUnit => {
	const unit = resolveUnit(typed)
	if (unit) return unit
	throw unknownName('unit', typed, unitNames())
}
