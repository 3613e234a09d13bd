import type {z} from 'zod'

/** Which way of changing a field lets more happen. `unclear`: neither way is known to be the safer one. */
export type Looser = 'more' | 'less' | 'unclear'
/** What a number counts. A list and a switch have none. */
export type Unit = 'ms' | 'USDT' | 'bps' | 'share' | 'count' | 'multiple' | 'none'
export type FieldNote = Readonly<{looser: Looser; unit: Unit; description: string}>
export type PolicyField = FieldNote & Readonly<{path: readonly string[]}>

const notes = new WeakMap<z.ZodType, FieldNote>()

/** Says of a field what it means, in what it is counted and which way is looser, where it is declared. */
export const noted = <Schema extends z.ZodType>(
	schema: Schema,
	looser: Looser,
	unit: Unit,
	description: string,
): Schema => {
	notes.set(schema, {looser, unit, description})
	return schema
}

/** The noted fields of a shape, in their order. */
export const fieldsOf = (shape: Readonly<Record<string, unknown>>, path: readonly string[] = []): PolicyField[] =>
	Object.entries(shape).flatMap(([name, schema]) => {
		const note = notes.get(schema as z.ZodType)
		return note ? [{...note, path: [...path, name]}] : []
	})
