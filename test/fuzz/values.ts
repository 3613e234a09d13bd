import * as fc from 'fast-check'
import type {z} from 'zod'

/** Values by kind of field: such as are common, and such as nobody expects and a contract may let pass. */
const NOW_MS = 1_750_000_000_000

const COMMON = {
	text: [
		'BTCUSDT',
		'ETHUSDT',
		'币安人生USDT',
		'USDT',
		'plan-0001',
		'plan-0002',
		'100',
		'0.015',
		'2',
		'operator',
		'MARKET',
	],
	integer: [0, 1, 2, 10, NOW_MS, NOW_MS - 1_000, NOW_MS + 60_000],
	number: [0, 0.01, 0.5, 1, 2, 100],
} as const
const EXTREME = {
	text: [
		'99999999999999999999',
		'-99999999999999999999.999999999999999999',
		'0.000000000000000001',
		'-0',
		'1e-18',
		'1e19',
		'__proto__',
		'constructor',
		'toString',
		'hasOwnProperty',
		'AA',
		'x'.repeat(40),
		'x'.repeat(512),
		'\u202eTDSU',
		'\ud800',
		'a|b:c',
		'{}',
		'NaN',
		' ',
		'',
	],
	integer: [-1, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER, 8_640_000_000_000_001],
	number: [-1, -0, 1e308, -1e308, 5e-324, 1e-12, 0.1 + 0.2],
} as const

const DEEP = 2_000
/** More than the length limit of an entry. */
const MEGABYTE = 'x'.repeat(1_048_576)

/** Texts that break nearly every field. */
export const hostile: fc.Arbitrary<string> = fc.oneof(
	{
		weight: 8,
		arbitrary: fc.constantFrom(
			'',
			' ',
			'NaN',
			'Infinity',
			'-Infinity',
			'9007199254740993',
			'1e400',
			'-1',
			'0x10',
			'1,5',
			`1${'0'.repeat(400)}`,
			'null',
			'undefined',
			'\u0000outcome',
			'a\u0000b',
			'\ud800',
			'\udfff\ud83d',
			'\u202eTDSUCTB',
			'👍',
			'__proto__',
			'constructor',
			'{"__proto__":{"polluted":true}}',
			'{"constructor":{"prototype":{"polluted":true}}}',
			'{"a":',
			'[]',
			`${'['.repeat(DEEP)}${']'.repeat(DEEP)}`,
			`${'{"a":'.repeat(DEEP)}1${'}'.repeat(DEEP)}`,
			'../..',
			'%s%n',
			"'; DROP",
			'\r\n',
			'x'.repeat(5_000),
		),
	},
	{weight: 2, arbitrary: fc.string({unit: 'binary', maxLength: 40})},
	{weight: 1, arbitrary: fc.json({maxDepth: 3})},
)
export const tooLong = fc.constant(MEGABYTE)

type Kind = keyof typeof COMMON
const leaf = (kind: Kind): fc.Arbitrary<unknown> =>
	fc.oneof(
		{weight: 6, arbitrary: fc.constantFrom<unknown>(...COMMON[kind])},
		{weight: 1, arbitrary: fc.constantFrom<unknown>(...EXTREME[kind])},
	)
const anything = fc.oneof(leaf('text'), leaf('number'), fc.constantFrom<unknown>(null, true, [], {}))

type Shape = z.core.JSONSchema.BaseSchema
type Part = Shape | boolean | undefined

const textLike = ({pattern}: Shape): fc.Arbitrary<unknown> => {
	if (pattern === undefined) return leaf('text')
	const matching = [COMMON.text, EXTREME.text].map(texts => texts.filter(text => new RegExp(pattern, 'u').test(text)))
	const [common = [], extreme = []] = matching
	return fc.oneof(
		{weight: common.length > 0 ? 6 : 0, arbitrary: fc.constantFrom(...(common.length > 0 ? common : ['']))},
		{weight: extreme.length > 0 ? 1 : 0, arbitrary: fc.constantFrom(...(extreme.length > 0 ? extreme : ['']))},
		{weight: 1, arbitrary: leaf('text')},
	)
}

/** Values that look like a JSON schema: most of them keep it; refinements are not looked at. */
export const likeSchema = (schema: Part): fc.Arbitrary<unknown> => {
	if (typeof schema !== 'object') return anything
	const choices = schema.enum ?? (schema.const === undefined ? undefined : [schema.const])
	if (choices) return fc.constantFrom<unknown>(...choices)
	const options = schema.anyOf ?? schema.oneOf
	if (options) return fc.oneof(...options.map(likeSchema))
	if (schema.type === 'object') return likeObject(schema)
	if (schema.type === 'array')
		return fc.array(likeSchema(Array.isArray(schema.items) ? schema.items[0] : schema.items), {maxLength: 3})
	if (schema.type === 'boolean') return fc.boolean()
	if (schema.type === 'integer' || schema.type === 'number') return leaf(schema.type)
	return schema.type === 'string' ? textLike(schema) : anything
}

const likeObject = ({properties, required = [], additionalProperties}: Shape): fc.Arbitrary<unknown> => {
	const names = Object.entries(properties ?? {})
	if (names.length === 0) return fc.dictionary(leaf('text').map(String), likeSchema(additionalProperties), {maxKeys: 3})
	const model = Object.fromEntries(names.map(([name, part]) => [name, likeSchema(part)]))
	return fc.record(model, {requiredKeys: required})
}
