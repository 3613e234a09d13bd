import {keys} from '../engine/contracts/keys.js'
import {
	applyPlan,
	applyResult,
	governorEvents,
	intentDeadLetter,
	portfolioGate,
	tradeIntent,
} from '../engine/contracts/streams/trade.js'
import type {OwnSystem, StoredEntry} from './own-system.js'

const ANSWER_MS = 20_000
const NOTIONAL_USDT = 150
/** The initial stop is 3 % away or more: within what a position may lose of its margin. */
const LEVERAGE = 2

export type Hand = Readonly<{symbol: string; action: 'OPEN' | 'CLOSE'}>

/** Writes the intents at one moment; returns their ids, in order. */
export const place = async (system: OwnSystem, hands: readonly Hand[]): Promise<string[]> => {
	const rows = await Promise.all(
		hands.map(async ({symbol, action}) => {
			const {bid} = await system.hash(keys.marketQuote, {symbol})
			return {
				symbol,
				side: action === 'OPEN' ? 'BUY' : 'SELL',
				action,
				qty: (NOTIONAL_USDT / Number(bid)).toPrecision(8),
				leverage: LEVERAGE,
				confidence: 0.9,
				strategy: 'bench',
			}
		}),
	)
	return system.write(tradeIntent.name, rows)
}

/** What became of intents, read from the streams as it comes: one look costs what is new. */
export class Outcomes {
	readonly #cursors = new Map<string, string>()
	readonly #plans = new Map<string, string>()
	/** By id of intent or plan: the reason against it, empty for an order that the venue took. */
	readonly #known = new Map<string, string>()

	constructor(private readonly system: OwnSystem) {}

	/** Waits until the venue has taken the order of each intent, or somebody has refused it: returns the refusals. */
	async settled(intent_ids: readonly string[]): Promise<string[]> {
		const of = (id: string) => this.#known.get(id) ?? this.#known.get(this.#plans.get(id) ?? '')
		const what = `the outcomes of ${intent_ids.length} intents from ${intent_ids[0]} on`
		await this.system.find(what, ANSWER_MS, async () => {
			await this.#look()
			return intent_ids.every(id => of(id) !== undefined) ? true : undefined
		})
		return intent_ids.flatMap(id => of(id) || [])
	}

	async #look(): Promise<void> {
		await Promise.all([
			this.#read(portfolioGate.name, ({intent_id = '', decision, reason = ''}) => {
				if (decision === 'REFUSE') this.#known.set(intent_id, reason)
			}),
			this.#read(intentDeadLetter.name, ({entry_id = '', reason = ''}) => this.#known.set(entry_id, reason)),
			this.#read(applyPlan.name, ({intent_id = '', plan_id = ''}) => this.#plans.set(intent_id, plan_id)),
			this.#read(governorEvents.name, ({plan_id = '', verdict, reason = ''}) => {
				if (verdict === 'REFUSE') this.#known.set(plan_id, reason)
			}),
			this.#read(applyResult.name, ({plan_id = '', decision, error = ''}) => {
				if (decision !== 'UNKNOWN') this.#known.set(plan_id, decision === 'EXECUTED' ? '' : error || 'FAILED')
			}),
		])
	}

	async #read(stream: string, take: (fields: StoredEntry['fields']) => void): Promise<void> {
		const entries = await this.system.entries(stream, this.#cursors.get(stream))
		for (const {id, fields} of entries) {
			take(fields)
			this.#cursors.set(stream, id)
		}
	}
}

/** Such as `3 refused: SLOTS_FULL 2, PAUSED 1`; nothing where all went through. */
export const refusalsText = (refusals: readonly string[]): string[] => {
	if (refusals.length === 0) return []
	const counts = new Map<string, number>()
	for (const code of refusals) counts.set(code, (counts.get(code) ?? 0) + 1)
	return [`${refusals.length} refused: ${[...counts].map(([code, count]) => `${code} ${count}`).join(', ')}`]
}
