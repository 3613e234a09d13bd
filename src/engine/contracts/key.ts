/** A state key: one owner writes it, everybody may read it. `{…}` in the pattern are parameters. */
export type KeyType = 'string' | 'hash' | 'set' | 'zset'
export type KeyContract<Pattern extends string = string, Type extends KeyType = KeyType> = Readonly<{
	kind: 'key'
	pattern: Pattern
	type: Type
	/** Unit (or `runtime`, `daemon`, `kill-latch`) that writes it. */
	owner: string
	/** Collects garbage only: deadlines that decide anything are data in the value. */
	ttl_ms?: number
	/** An operator's commands change it too, without the owner. */
	operator_writes: boolean
	summary: string
	former_names: readonly string[]
}>

type Spec<Pattern extends string, Type extends KeyType> = Omit<
	KeyContract<Pattern, Type>,
	'kind' | 'former_names' | 'operator_writes'
> & {
	former_names?: readonly string[]
	operator_writes?: boolean
}

export const defineKey = <const Pattern extends string, const Type extends KeyType>(
	spec: Spec<Pattern, Type>,
): KeyContract<Pattern, Type> =>
	Object.freeze({kind: 'key' as const, former_names: [], operator_writes: false, ...spec})

type ParameterOf<Pattern extends string> = Pattern extends `${string}{${infer Name}}${infer Rest}`
	? Name | ParameterOf<Rest>
	: never

/** The parameters of a key pattern: `ledger:{symbol}` needs `{symbol}`. */
export type KeyParameters<Pattern extends string> = Readonly<Record<ParameterOf<Pattern>, string>>

export const fillPattern = (pattern: string, parameters: Readonly<Record<string, string>>): string =>
	pattern.replace(/\{(\w+)\}/g, (_, name: string) => {
		const value = parameters[name]
		if (value === undefined || value === '') throw new Error(`Key ${pattern} needs a value for {${name}}`)
		return value
	})

/** A key name against a pattern; the parameters when it fits. */
export const matchPattern = (pattern: string, name: string): Readonly<Record<string, string>> | undefined => {
	const names: string[] = []
	const source = pattern.replace(/[.*+?^$()|[\]\\]/g, '\\$&').replace(/\{(\w+)\}/g, (_, parameter: string) => {
		names.push(parameter)
		return '([^:]+)'
	})
	const match = new RegExp(`^${source}$`, 'u').exec(name)
	return match ? Object.fromEntries(names.map((parameter, index) => [parameter, match[index + 1] ?? ''])) : undefined
}
