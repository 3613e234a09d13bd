import {mkdtemp, readdir, readFile, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {setTimeout as pause} from 'node:timers/promises'
import {fileURLToPath} from 'node:url'
import {execa} from 'execa'
import {Redis} from 'ioredis'
import {stringify} from 'yaml'
import {z} from 'zod'
import {ControlClient} from '../daemon/client/control-client.js'
import {loginFor, redisUrlOf} from '../daemon/client/state.js'
import {type Home, homeAt, makeHome} from '../daemon/system/home.js'
import {parseSettings, type SettingsInput, writeSettings} from '../daemon/system/settings.js'
import {objectOf} from '../engine/bus/name-values.js'
import type {KeyContract, KeyParameters} from '../engine/contracts/key.js'
import {Naming} from '../engine/contracts/naming.js'
import {rememberEnding} from './endings.js'

const program = fileURLToPath(new URL('../../bin/run.js', import.meta.url))
const LOOK_EVERY_MS = 10
const envelope = z.looseObject({
	ok: z.boolean(),
	code: z.number(),
	message: z.string().optional(),
	data: z.unknown().optional(),
})

const started = z.looseObject({arming: z.object({armed: z.boolean(), detail: z.string()})})

const orderTaken = z.object({
	method: z.literal('POST'),
	path: z.literal('/fapi/v1/order'),
	http: z.literal(200),
	client_id: z.string(),
	machine_ms: z.number(),
})

/** An entry of a stream with the machine time at which the server took it. */
export type StoredEntry = Readonly<{id: string; stored_ms: number; fields: Readonly<Record<string, string>>}>

const stored = ([id, flat]: [string, string[]]): StoredEntry => ({
	id,
	stored_ms: Number(id.split('-')[0]),
	fields: objectOf(flat),
})

/** A whole system in a home of its own, driven as an operator drives it: by the compiled `qt`. */
export class OwnSystem {
	readonly naming = new Naming()
	#redis: Redis | undefined
	/** Commands that have not answered yet. */
	readonly #asked = new Set<Promise<unknown>>()
	readonly #end = rememberEnding(() => this.#down())

	private constructor(readonly home: Home) {}

	/** @param settings what `qt up` has no flag for; left out, its defaults */
	static async make(policy: Readonly<Record<string, unknown>> = {}, settings?: SettingsInput): Promise<OwnSystem> {
		const home = homeAt(await mkdtemp(join(tmpdir(), 'qt-bench-')))
		makeHome(home)
		await writeFile(home.policy, stringify(policy))
		if (settings) writeSettings(home, parseSettings(settings, 'the settings of the bench'))
		return new OwnSystem(home)
	}

	/** @throws Error with what `qt` said when it does not end with 0 */
	async qt(...args: string[]): Promise<unknown> {
		const asked = execa(process.execPath, [program, ...args, '--json'], {
			env: {QT_HOME: this.home.root},
			reject: false,
		})
		this.#asked.add(asked)
		const {stdout, stderr} = await asked.finally(() => this.#asked.delete(asked))
		const answer = envelope.safeParse(JSON.parse(stdout || '{}'))
		if (!answer.success || !answer.data.ok)
			throw new Error(`qt ${args.join(' ')}: ${answer.data?.message ?? `${stdout}${stderr}`}`)
		return answer.data.data
	}

	/** Brings it up on ports of its own, armed. @throws Error saying why it is not */
	async start(...flags: string[]): Promise<void> {
		const {arming} = started.parse(await this.qt('up', '--ports', 'ephemeral', ...flags, '--go'))
		if (!arming.armed) throw new Error(`The system was not armed: ${arming.detail}`)
	}

	/** What runs, the daemon included. */
	async processes(): Promise<Array<{name: string; pid: number}>> {
		const status = await new ControlClient(this.home).status()
		if (!status) throw new Error(`No daemon runs in ${this.home.root}`)
		const running = status.processes.flatMap(({name, pid}) => (pid === null ? [] : [{name, pid}]))
		return [{name: 'daemon', pid: status.pid}, ...running]
	}

	/** The system's own server. */
	get redis(): Redis {
		const url = redisUrlOf(this.home)
		if (!url?.startsWith('unix:')) throw new Error(`No Redis of its own runs in ${this.home.root}`)
		this.#redis ??= new Redis({path: url.slice('unix:'.length), ...loginFor(this.home, 'host')})
		return this.#redis
	}

	/** Appends all of them at one moment; returns their ids, in order. */
	async write(stream: string, rows: ReadonlyArray<Readonly<Record<string, string | number>>>): Promise<string[]> {
		const together = this.redis.multi()
		for (const fields of rows) together.xadd(this.naming.stream(stream), '*', ...Object.entries(fields).flat())
		return ((await together.exec()) ?? []).map(([error, id]) => {
			if (error) throw error
			return String(id)
		})
	}

	/** What lies on a stream, or what came after an entry. */
	async entries(stream: string, after?: string): Promise<StoredEntry[]> {
		const from = after === undefined ? '-' : `(${after}`
		return (await this.redis.xrange(this.naming.stream(stream), from, '+')).map(stored)
	}

	/** Machine time at which the venue took each order, by client id, from its own log. */
	async ordersTaken(): Promise<Map<string, number>> {
		const files = (await readdir(this.home.venue)).filter(name => /^requests.*\.jsonl$/.test(name))
		const taken = new Map<string, number>()
		for (const file of files)
			for (const line of (await readFile(join(this.home.venue, file), 'utf8')).split('\n').filter(Boolean)) {
				const order = orderTaken.safeParse(JSON.parse(line))
				if (order.success) taken.set(order.data.client_id, order.data.machine_ms)
			}
		return taken
	}

	/** Entries that a stream ever took. */
	async taken(stream: string): Promise<number> {
		const info = (await this.redis.xinfo('STREAM', this.naming.stream(stream))) as unknown[]
		return Number(info[info.indexOf('entries-added') + 1])
	}

	hash<Pattern extends string>(
		contract: KeyContract<Pattern>,
		parameters: KeyParameters<Pattern>,
	): Promise<Record<string, string>> {
		return this.redis.hgetall(this.naming.key(contract, parameters))
	}

	/** Polls until something is found. @throws Error after `within_ms` */
	async find<Found>(what: string, within_ms: number, look: () => Promise<Found | undefined>): Promise<Found> {
		const deadline = performance.now() + within_ms
		for (;;) {
			const found = await look()
			if (found !== undefined) return found
			if (performance.now() > deadline) throw new Error(`${what}: not within ${within_ms} ms`)
			await pause(LOOK_EVERY_MS)
		}
	}

	close(): Promise<void> {
		return this.#end()
	}

	async #down(): Promise<void> {
		await this.#redis?.quit()
		// An interrupt may come while it starts: nothing is there yet to be brought down.
		await Promise.allSettled(this.#asked)
		await this.qt('down').finally(() => rm(this.home.root, {recursive: true, force: true}))
	}
}
