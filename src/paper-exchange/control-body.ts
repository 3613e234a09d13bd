import {z} from 'zod'

/** A control request that cannot be carried out; the message says what would. */
export class Refusal extends Error {}

/** The body of a control request. @throws Refusal */
export const parseBody = <T>(schema: z.ZodType<T>, body: string): T => {
	let value: unknown
	try {
		value = body === '' ? {} : JSON.parse(body)
	} catch {
		throw new Refusal('The body is not JSON.')
	}
	const parsed = schema.safeParse(value)
	if (!parsed.success) throw new Refusal(z.prettifyError(parsed.error))
	return parsed.data
}
