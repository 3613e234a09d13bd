import {z} from 'zod'

/** As the venue wrote it, trailing zeros included. */
export const decimal = z.preprocess(
	value => (typeof value === 'number' ? String(value) : value),
	z.string().regex(/^-?\d{1,20}(\.\d{1,18})?$/, 'expected a decimal number'),
)
/** Ids are integers beyond what a double holds exactly: text from here on. */
export const id = z.union([z.string(), z.number().int()]).transform(String)
export const side = z.enum(['BUY', 'SELL'])
export const time = z.coerce.number().int()
