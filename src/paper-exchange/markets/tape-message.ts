import {z} from 'zod'

/** A line of a tape: local receive time in nanoseconds, a space, one message as JSON. */
const LINE = /^(\d{10,20}) (\{.*\})$/

const decimal = z.string().regex(/^\d+(?:\.\d+)?$/)
const levels = z.array(z.tuple([decimal, decimal]))
const id = z.int().min(0)
const time = z.int().min(0)

const snapshot = z.object({lastUpdateId: id, E: time.optional(), s: z.string().optional(), bids: levels, asks: levels})

const ticker = z.object({
	e: z.literal('bookTicker'),
	u: id,
	s: z.string(),
	E: time,
	b: decimal,
	B: decimal,
	a: decimal,
	A: decimal,
})
const depth = z.object({
	e: z.literal('depthUpdate'),
	s: z.string(),
	E: time,
	U: id,
	u: id,
	pu: id,
	b: levels,
	a: levels,
})
const trade = z.object({
	e: z.literal('trade'),
	s: z.string(),
	E: time,
	p: decimal,
	q: decimal,
	m: z.boolean(),
	X: z.string().optional(),
})
const aggTrade = z.object({e: z.literal('aggTrade'), s: z.string(), E: time, p: decimal, q: decimal, m: z.boolean()})
const markPrice = z.object({
	e: z.literal('markPriceUpdate'),
	s: z.string(),
	E: time,
	p: decimal,
	i: decimal,
	r: z.string(),
	T: time,
})

const event = z.discriminatedUnion('e', [ticker, depth, trade, aggTrade, markPrice])
const KNOWN = new Set(['bookTicker', 'depthUpdate', 'trade', 'aggTrade', 'markPriceUpdate'])

export type DepthSnapshot = z.output<typeof snapshot>
export type TapeEvent = z.output<typeof event>
export type TapeTicker = z.output<typeof ticker>
export type TapeDepth = z.output<typeof depth>

export type TapeMessage =
	| Readonly<{kind: 'event'; event: TapeEvent}>
	| Readonly<{kind: 'snapshot'; snapshot: DepthSnapshot}>
	/** A message of a stream that has no meaning here. */
	| Readonly<{kind: 'other'; name: string}>

/**
 * Reads one line: a raw or combined stream message, or a depth snapshot.
 * @throws Error that says what is wrong with it.
 */
export function readTapeLine(text: string): TapeMessage {
	const parts = LINE.exec(text)
	if (parts === null) throw new Error(`'${text.slice(0, 40)}' is not '<receive time in ns> <json>'`)
	return readMessage(JSON.parse(parts[2] ?? ''))
}

/** Reads one message as a public stream or a depth request gives it. */
export function readMessage(json: unknown): TapeMessage {
	const body = inner(json)
	if (!isRecord(body)) throw new Error('a message that is no object')
	if ('lastUpdateId' in body) return {kind: 'snapshot', snapshot: checked(snapshot, body)}
	if (typeof body.e !== 'string') throw new Error('a message with neither an event name nor lastUpdateId')
	if (!KNOWN.has(body.e)) return {kind: 'other', name: body.e}
	return {kind: 'event', event: checked(event, body)}
}

/** Combined streams wrap each message as `{stream, data}`. */
function inner(json: unknown): unknown {
	return isRecord(json) && 'data' in json ? json.data : json
}

function isRecord(value: unknown): value is Record<string, unknown> {
	return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function checked<T>(schema: z.ZodType<T>, body: unknown): T {
	const parsed = schema.safeParse(body)
	if (parsed.success) return parsed.data
	throw new Error(z.prettifyError(parsed.error).replaceAll('\n', ' '))
}
