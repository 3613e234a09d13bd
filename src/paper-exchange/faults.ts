import {z} from 'zod'

const action = z.discriminatedUnion('kind', [
	z.strictObject({
		kind: z.literal('error'),
		http: z.number().int().min(400).max(599),
		code: z.number().int(),
		msg: z.string(),
		/** Told in the header Retry-After. */
		retry_after_s: z.number().int().positive().optional(),
	}),
	z.strictObject({kind: z.literal('hang'), ms: z.number().int().nonnegative()}),
	z.strictObject({kind: z.literal('drop')}),
	z.strictObject({kind: z.literal('delay'), ms: z.number().int().nonnegative()}),
	z.strictObject({kind: z.literal('garbage')}),
])

/** A fault to inject: which requests, how often, and what happens to them. */
export const faultSchema = z.strictObject({
	match: z.strictObject({method: z.string(), path: z.string(), client_id_prefix: z.string()}).partial().default({}),
	times: z.number().int().positive().default(1),
	/** True: the request is carried out, then misreported: the caller does not know what came of it. */
	after_accept: z.boolean().default(false),
	action,
})

export type Fault = z.output<typeof faultSchema>

export type Faultable = Readonly<{method: string; path: string; client_ids: readonly string[]}>

const matches = ({match}: Fault, request: Faultable): boolean => {
	const {client_id_prefix: prefix} = match
	return (
		(match.method === undefined || match.method === request.method) &&
		(match.path === undefined || match.path === request.path) &&
		(prefix === undefined || request.client_ids.some(id => id.startsWith(prefix)))
	)
}

/** Faults waiting for their requests, in the order in which they were asked for. */
export class Faults {
	private waiting: Array<{fault: Fault; left: number}> = []

	add(fault: Fault): void {
		this.waiting.push({fault, left: fault.times})
	}

	clear(): void {
		this.waiting = []
	}

	list(): Array<Fault & {left: number}> {
		return this.waiting.map(({fault, left}) => ({...fault, left}))
	}

	/** The fault that strikes this request, used up once. */
	take(request: Faultable): Fault | undefined {
		const found = this.waiting.find(({fault}) => matches(fault, request))
		if (found === undefined) return undefined
		found.left -= 1
		if (found.left === 0) this.waiting = this.waiting.filter(other => other !== found)
		return found.fault
	}
}
