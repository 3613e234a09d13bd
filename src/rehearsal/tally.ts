import {z} from 'zod'
import {alerts} from '../engine/contracts/streams/ops.js'
import {
	applyResult,
	governorEvents,
	intentDeadLetter,
	portfolioGate,
	tradeClosed,
} from '../engine/contracts/streams/trade.js'
import {add} from '../engine/logic/exact.js'

type Fields = Readonly<Record<string, string>>
/** What of an entry is counted; undefined where nothing is. */
type NameOf = (entry: Fields) => string | undefined

const asked = z.looseObject({source: z.string(), action: z.string()})
const authorOf = (plan: string): string => {
	const {source, action} = asked.parse(JSON.parse(plan))
	return `${source}: ${action}`
}

const MOVES: readonly string[] = ['REPLACE_STOP', 'MOVE_SL_BE', 'TRAIL_UPDATE']
const VERDICTS: readonly string[] = ['ALLOW', 'REFUSE']

const counters = {
	portfolio_gate: [portfolioGate.name, ({reason}) => reason],
	bridge: [intentDeadLetter.name, ({reason}) => reason],
	governor: [governorEvents.name, ({verdict = '', reason}) => (VERDICTS.includes(verdict) ? reason : undefined)],
	allowed: [governorEvents.name, ({plan}) => (plan === undefined ? undefined : authorOf(plan))],
	results: [applyResult.name, ({decision = '', error = ''}) => (error === '' ? decision : error)],
	moves: [
		applyResult.name,
		({action = '', decision}) => (MOVES.includes(action) && decision === 'EXECUTED' ? action : undefined),
	],
	exits: [tradeClosed.name, ({exit_reason}) => exit_reason],
	alerts: [alerts.name, ({code}) => code],
} as const satisfies Record<string, readonly [stream: string, nameOf: NameOf]>

type Counter = keyof typeof counters
export type Tallied = Readonly<Record<Counter, Readonly<Record<string, number>>>> &
	Readonly<{trades: number; net_usdt: string; kills: readonly string[]}>

const killText = ({ts, message = ''}: Fields): string => `${new Date(Number(ts)).toISOString()}: ${message}`

/** Streams that must be read for it. */
export const talliedStreams: readonly string[] = [...new Set(Object.values(counters).map(([stream]) => stream))]

/** Counts what happens as it happens: a long market outgrows what its streams keep. */
export class Tally {
	readonly #counts = new Map<Counter, Record<string, number>>()
	#trades = 0
	#net_usdt = '0'
	/** When the emergency stop killed, and why. */
	readonly #kills: string[] = []

	/** Entries of one stream, each given once. */
	take(stream: string, entries: readonly Fields[]): void {
		for (const [counter, [of, nameOf]] of Object.entries(counters)) {
			if (of !== stream) continue
			const counts = this.#counts.get(counter as Counter) ?? {}
			for (const entry of entries) {
				const name = (nameOf as NameOf)(entry)
				if (name !== undefined) counts[name] = (counts[name] ?? 0) + 1
			}
			this.#counts.set(counter as Counter, counts)
		}
		if (stream === alerts.name) this.#kills.push(...entries.filter(({code}) => code === 'ESS_KILLED').map(killText))
		if (stream !== tradeClosed.name) return
		this.#trades += entries.length
		this.#net_usdt = add(this.#net_usdt, ...entries.map(({net_pnl = '0'}) => net_pnl))
	}

	get counted(): Tallied {
		const names = Object.keys(counters) as Counter[]
		const counts = Object.fromEntries(names.map(name => [name, this.#counts.get(name) ?? {}]))
		const [trades, net_usdt, kills] = [this.#trades, this.#net_usdt, this.#kills]
		return {...(counts as Record<Counter, Record<string, number>>), trades, net_usdt, kills}
	}
}
