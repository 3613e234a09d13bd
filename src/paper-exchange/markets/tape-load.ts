import type {SymbolSpec} from '../market.js'
import {messageOf} from '../unusable.js'
import {deriveSpec, type SpecOverride} from './candle-spec.js'
import {readTapeLine, type TapeEvent} from './tape-message.js'
import {readLines} from './text-lines.js'

/** Characters of tape held in memory (bytes, as tapes are ASCII but for symbols). */
const TAPE_MAX_CHARACTERS = 600_000_000
const FAULTS_MAX = 20

/** A tape as loaded: its lines, still text, and what they showed on the way. */
export type Tape = Readonly<{
	lines: readonly string[]
	specs: readonly SymbolSpec[]
	first_ms: number
	last_ms: number
	/** How many messages of each kind, by event name; `snapshot` for depth snapshots. */
	counts: ReadonlyMap<string, number>
}>

type Seen = {price_decimals: number; volume_decimals: number; price: number}

/**
 * Reads and checks a whole tape; a last line that was cut off while recording is left out and reported.
 * @throws Error that names file and lines that are wrong.
 */
export async function loadTape(
	file: string,
	specs: Readonly<Record<string, SpecOverride>>,
	report: (line: string) => void,
): Promise<Tape> {
	const lines: string[] = []
	const faults: {number: number; what: string}[] = []
	const counts = new Map<string, number>()
	const seen = new Map<string, Seen>()
	let characters = 0
	let first_ms = Number.POSITIVE_INFINITY
	let last_ms = 0
	let last = 0
	for await (const batch of readLines(file))
		for (const {number, text} of batch) {
			last = number
			characters += text.length
			if (characters > TAPE_MAX_CHARACTERS)
				throw new Error(`${file} holds more than ${TAPE_MAX_CHARACTERS} characters: cut the tape into parts`)
			if (text === '' || faults.length > FAULTS_MAX) continue
			try {
				const message = readTapeLine(text)
				const name = message.kind === 'event' ? message.event.e : message.kind === 'other' ? message.name : message.kind
				counts.set(name, (counts.get(name) ?? 0) + 1)
				if (message.kind === 'event') {
					look(seen, message.event)
					first_ms = Math.min(first_ms, message.event.E)
					last_ms = Math.max(last_ms, message.event.E)
				}
				lines.push(text)
			} catch (error) {
				faults.push({number, what: messageOf(error)})
			}
		}
	const cut = faults.length === 1 && faults[0]?.number === last ? faults.pop() : undefined
	if (cut !== undefined) report(`${file}:${cut.number}: last line left out: ${cut.what}`)
	if (faults.length > 0) {
		const named = faults.slice(0, FAULTS_MAX).map(fault => `${file}:${fault.number}: ${fault.what}`)
		throw new Error(
			`problems in a tape, ${FAULTS_MAX} named at most:\n  ${named.join('\n  ')}\nRecord it again or remove the lines`,
		)
	}
	if (seen.size === 0) throw new Error(`${file} has no message of any symbol: give a tape with bookTicker and trades`)
	return {
		lines,
		specs: [...seen].map(([symbol, grid]) => deriveSpec(symbol, grid, specs[symbol])),
		first_ms,
		last_ms,
		counts,
	}
}

function look(seen: Map<string, Seen>, event: TapeEvent): void {
	const known = seen.get(event.s) ?? {price_decimals: 0, volume_decimals: 0, price: 1}
	seen.set(event.s, known)
	const add = (price: string, quantity: string): void => {
		known.price_decimals = Math.max(known.price_decimals, decimals(price))
		known.volume_decimals = Math.max(known.volume_decimals, decimals(quantity))
	}
	if (event.e === 'bookTicker') {
		add(event.b, event.B)
		add(event.a, event.A)
		known.price = Number(event.b)
	}
	if (event.e === 'trade' || event.e === 'aggTrade') add(event.p, event.q)
	if (event.e === 'depthUpdate') for (const [price, quantity] of [...event.b, ...event.a]) add(price, quantity)
}

function decimals(text: string): number {
	return text.split('.')[1]?.replace(/0+$/, '').length ?? 0
}
