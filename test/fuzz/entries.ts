import * as fc from 'fast-check'
import {z} from 'zod'
import {ENVELOPE_FIELDS} from '../../src/engine/contracts/envelope.js'
import {encodeFields, type Fields, field} from '../../src/engine/contracts/field.js'
import {limits} from '../../src/engine/contracts/limits.js'
import type {StreamContract} from '../../src/engine/contracts/stream.js'
import {hostile, likeSchema, tooLong} from './values.js'

const EXAMPLES = 60
const PLACES_MAX = 3
/** Of the envelope: what entries that follow from this one carry on. */
const NAMES = ['id', 'unit', 'cause']

/** What must become of an entry: handled, or buried with this reason and a detail that names these fields. */
export type Expected = Readonly<{reason: 'CONTRACT_BROKEN' | 'TOO_LONG'; names: readonly string[]}> | undefined
export type FuzzEntry = Readonly<{fields: Fields; expected: Expected}>

type FieldPlan = Readonly<{name: string; schema: z.core.$ZodType; examples: readonly string[]; optional: boolean}>
type Change = Readonly<{name: string; value: string | undefined}>

const keeps = (schema: z.core.$ZodType, text: string | undefined): boolean => z.safeParse(schema, text).success

const planOf = (name: string, schema: z.core.$ZodType, seed: number): FieldPlan => {
	const shape = z.toJSONSchema(schema, {io: 'output', unrepresentable: 'any'})
	const examples = fc
		.sample(likeSchema(shape), {seed, numRuns: EXAMPLES})
		.flatMap(value => encodeFields({value}).value ?? [])
		.filter(text => keeps(schema, text) && !text.startsWith('\u0000'))
	if (examples.length === 0) throw new Error(`no example of ${name} keeps its contract; test/fuzz/values.ts needs one`)
	return {name, schema, examples, optional: keeps(schema, undefined)}
}

const variantsOf = ({payload}: StreamContract): readonly z.ZodObject[] =>
	payload instanceof z.ZodObject ? [payload] : (payload.options as readonly z.ZodObject[])

/** Each field judged by its own schema, in the order in which a reader looks: what a script would misread, length, contract. */
const expectedOf = (contract: StreamContract, plans: readonly FieldPlan[], fields: Fields): Expected => {
	const marked = Object.keys(fields).find(name => fields[name]?.startsWith('\u0000'))
	if (marked !== undefined) return {reason: 'CONTRACT_BROKEN', names: [marked]}
	const bytes = Object.entries(fields)
		.flat()
		.reduce((sum, text) => sum + Buffer.byteLength(text), 0)
	if (bytes > limits.entry_bytes_max && !contract.wraps_entries) return {reason: 'TOO_LONG', names: []}
	const identity = NAMES.filter(
		name => !keeps(field.text().optional(), fields[name]) && !(name === 'cause' && fields.cause === ''),
	)
	const names = [...plans.filter(({name, schema}) => !keeps(schema, fields[name])).map(({name}) => name), ...identity]
	return names.length > 0 ? {reason: 'CONTRACT_BROKEN', names} : undefined
}

const changed = (valid: Fields, changes: readonly Change[]): Fields => {
	const pairs = new Map(Object.entries(valid))
	for (const {name, value} of changes)
		if (value === undefined) pairs.delete(name)
		else pairs.set(name, value)
	// An entry without a field cannot be appended.
	return pairs.size > 0 ? Object.fromEntries(pairs) : {stranger: ''}
}

const entryLike = (contract: StreamContract, variant: z.ZodObject, seed: number): fc.Arbitrary<FuzzEntry> => {
	const {payload} = contract
	const discriminator = payload instanceof z.ZodObject ? undefined : payload.def.discriminator
	const plans = Object.entries(variant.shape).map(([name, schema], index) => planOf(name, schema, seed + index))
	const valid = fc
		.tuple(
			...plans.map(({name, examples, optional}) =>
				fc
					.option(fc.constantFrom(...examples), {freq: optional ? 3 : Number.MAX_SAFE_INTEGER, nil: undefined})
					.map(value => [name, value] as const),
			),
		)
		.map(pairs => Object.fromEntries(pairs.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]))))
	const own = plans.map(({name}) => name)
	const place = fc.oneof(
		{weight: 8, arbitrary: fc.constantFrom(...own)},
		{weight: 1, arbitrary: fc.constantFrom(...ENVELOPE_FIELDS)},
		{weight: 1, arbitrary: fc.constantFrom('__proto__', 'constructor', 'stranger', '')},
	)
	const value = fc.oneof(
		{weight: 300, arbitrary: hostile},
		{weight: 40, arbitrary: fc.constant(undefined)},
		{weight: 1, arbitrary: tooLong},
	)
	const changes = fc.uniqueArray(fc.record({name: place, value}), {
		minLength: 1,
		maxLength: PLACES_MAX,
		selector: ({name}) => name,
	})
	return fc
		.tuple(valid, fc.oneof({weight: 2, arbitrary: changes}, {weight: 1, arbitrary: fc.constant([])}))
		.map(([fields, places]) => {
			const entry = changed(fields, places)
			const expected = expectedOf(contract, plans, entry)
			// Where the kind of an entry cannot be read, nothing else of it is judged.
			if (discriminator === undefined || !expected?.names.includes(discriminator)) return {fields: entry, expected}
			return {fields: entry, expected: {...expected, names: [discriminator]}}
		})
}

/** Entries of a contract: two of three broken, or made odd, in one to three places. */
export const entriesOf = (contract: StreamContract, seed: number): fc.Arbitrary<FuzzEntry> =>
	fc.oneof(...variantsOf(contract).map(variant => entryLike(contract, variant, seed)))
