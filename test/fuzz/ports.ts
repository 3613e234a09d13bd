import * as fc from 'fast-check'
import type {Entry} from '../../src/engine/bus/bus.js'
import {deadLetters} from '../../src/engine/contracts/streams/ops.js'
import type {AnyUnit, EffectOutcome} from '../../src/engine/contracts/unit.js'
import {units} from '../../src/engine/registry.js'
import {drive} from '../support/drive.js'
import {entriesOf, type FuzzEntry} from './entries.js'
import {Finding, type Tally} from './finding.js'

/** Units keep state: each goes through so many before it begins anew. */
const LIFE = 400
const BATCH = 50
const ROUNDS_MAX = 10
const SHOWN_CHARS = 1_500
const READ_MAX = 100_000
const REFUSALS = ['CONTRACT_BROKEN', 'TOO_LONG']
const BUGS = ['HANDLER_FAILED', 'SCRIPT_FAILED']
/** Sums of values that the contracts allow one by one may leave all bounds: units say so, in these words. */
const OUT_OF_BOUNDS = /is beyond what scripts can count|^RangeError: Cannot write \S+ as a decimal/

type Appended = Readonly<{id: string} & FuzzEntry>
type Letter = Entry['fields']

const shown = (value: unknown): string => JSON.stringify(value).slice(0, SHOWN_CHARS)

/** @throws Finding when what became of an entry is not what its contract says */
const judge = (at: string, {fields, expected}: Appended, letter: Letter | undefined, watched: boolean): void => {
	const wrong = (what: string): never => {
		throw new Finding(`${at}: ${what}: ${shown(fields)}`)
	}
	const {reason = '', detail: said = ''} = letter ?? {}
	if (BUGS.includes(reason) && !OUT_OF_BOUNDS.test(said)) wrong(`${reason}: ${said}`)
	const refused = REFUSALS.includes(reason)
	// Where a unit only watches, another reader buries what nobody can read.
	if (watched || !expected) {
		if (refused) wrong(`refused (${said}) although nothing is wrong with it`)
		return
	}
	if (!refused) wrong(`not refused although it is ${expected.reason} in ${expected.names.join(', ')}`)
	if (reason !== expected.reason) wrong(`${reason} instead of ${expected.reason}`)
	const detail = `; ${said}`
	const unnamed = expected.names.find(name => !detail.includes(`; ${name}:`) && !detail.includes(`; ${name}.`))
	if (unnamed !== undefined) wrong(`${said} does not name ${unnamed}`)
}

class Life {
	private constructor(
		readonly unit: AnyUnit,
		readonly port: string,
		readonly at: string,
		readonly driven: Awaited<ReturnType<typeof drive>>,
	) {}

	static async begin(unit: AnyUnit, port: string, at: string): Promise<Life> {
		return new Life(unit, port, at, await drive(unit))
	}

	/** Handles the entries, then every timer and the failure of every effect that was asked for. @throws Finding */
	async live(entries: readonly FuzzEntry[]): Promise<number> {
		const {driven, port, contract} = this
		const stream = driven.naming.stream(contract.name)
		const appended: Appended[] = []
		for (const entry of entries) appended.push({...entry, id: await driven.bus.append(stream, entry.fields)})
		await this.#survive('the entries', () => this.#handle(stream))
		const left = await driven.bus.pending(stream, driven.naming.group(this.unit.name, contract.name), 1)
		if (left.length > 0) throw new Finding(`${this.at}: ${left[0]?.id} is neither handled nor buried`)
		const letters = await this.#letters(new Set(appended.map(({id}) => id)))
		const watched = this.unit.watches?.includes(port) ?? false
		for (const entry of appended) judge(this.at, entry, letters.get(entry.id), watched)
		await this.#goOn()
		return letters.size
	}

	/** What is emitted is not parsed: a value beyond every bound is refused by who reads it. */
	async #handle(stream: string): Promise<void> {
		const {bus, naming, runner} = this.driven
		const group = naming.group(this.unit.name, this.contract.name)
		const consumer = naming.consumer('test', this.unit.name, 0)
		// Who reads the dead letters also reads those that it writes itself.
		for (let rounds = 0; rounds < ROUNDS_MAX; rounds += 1) {
			const entries = await bus.read({stream, group, consumer, count: BATCH})
			if (entries.length === 0) return
			await runner.entries(this.port, entries)
		}
		throw new Error(`${this.contract.name} does not come to an end`)
	}

	get contract() {
		const contract = this.unit.reads[this.port]
		if (!contract) throw new Error(`${this.unit.name} does not read ${this.port}`)
		return contract
	}

	async #letters(ids: ReadonlySet<string>): Promise<ReadonlyMap<string, Letter>> {
		const {bus, naming} = this.driven
		const name = naming.stream(this.contract.dead_letter ?? deadLetters.name)
		const found = await bus.range(name, {count: READ_MAX})
		return new Map(
			// stream-recover reads the dead letters themselves.
			found
				.filter(
					({id, fields}) =>
						!(name === naming.stream(this.contract.name) && ids.has(id)) && fields.unit === this.unit.name,
				)
				.flatMap(({fields}) => (ids.has(fields.entry_id ?? '') ? [[fields.entry_id ?? '', fields] as const] : [])),
		)
	}

	/** What the entries left in the state must not end the unit later either. */
	async #goOn(): Promise<void> {
		const {driven, unit} = this
		driven.clock.advance(1_000)
		for (const timer of Object.keys(unit.timers ?? {}))
			await this.#survive(`timer ${timer}`, () => driven.runner.timer(timer))
		for (const record of driven.effects.splice(0)) {
			const {idempotency_key, request} = record
			const outcome = {ok: false, error: 'the venue is away', idempotency_key, request} as EffectOutcome<unknown>
			await this.#survive(`failed ${record.port}`, () => driven.runner.result(record, outcome))
		}
	}

	async #survive(what: string, act: () => Promise<unknown>): Promise<void> {
		try {
			await act()
		} catch (error) {
			throw new Finding(
				`${this.at}: ${what} would end the process: ${error instanceof Error ? error.stack : String(error)}`,
			)
		}
	}
}

/**
 * Puts entries before one port of a unit. Each is handled, or goes to the dead letters with its reason; none stays.
 * @throws Finding
 */
export const fuzzPort = async (unit: AnyUnit, port: string, count: number, seed: number): Promise<Tally> => {
	const contract = unit.reads[port]
	if (!contract) throw new Error(`${unit.name} does not read ${port}`)
	const entries = entriesOf(contract, seed)
	let refused = 0
	for (let from = 0; from < count; from += LIFE) {
		const life_seed = seed + from
		const drawn = fc.sample(entries, {seed: life_seed, numRuns: Math.min(LIFE, count - from)})
		const life = await Life.begin(unit, port, `${unit.name}.${port}, seed ${life_seed}`)
		for (let at = 0; at < drawn.length; at += BATCH) refused += await life.live(drawn.slice(at, at + BATCH))
	}
	return {tried: count, refused}
}

/** Shares so many entries among all ports of all units. @throws Finding */
export const fuzzEntries = async (count: number, seed: number): Promise<Tally> => {
	const ports = units.flatMap(unit => Object.keys(unit.reads).map(port => ({unit, port})))
	const tally = {tried: 0, refused: 0}
	for (const {unit, port} of ports) {
		const {tried, refused} = await fuzzPort(unit, port, Math.ceil(count / ports.length), seed)
		tally.tried += tried
		tally.refused += refused
	}
	return tally
}
