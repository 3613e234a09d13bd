import {setTimeout as pause} from 'node:timers/promises'
import {ControlClient} from '../daemon/client/control-client.js'
import {identify, sameProcess, signalProcess} from '../daemon/supervision/process-identity.js'
import {DEFAULT_RESTART} from '../daemon/supervision/process-spec.js'
import {SYMBOLS} from '../daemon/system/settings.js'
import {type Bench, spreadOf} from './bench.js'
import {OwnSystem} from './own-system.js'
import {RecoveryLooks} from './recovery-looks.js'
import {widePolicy} from './wide-policy.js'

/** Of each process: `--scale 4` makes it 12. */
const KILLS = 3
/** Ticks enough that whoever reads them has something to handle at once. */
const SPEED = 20
const ENDED_WITHIN_MS = 5_000
/** These bound hangs, not speed. */
const BACK_WITHIN_MS = 120_000
const SETTLED_WITHIN_MS = 180_000
const LOOK_EVERY_MS = 250
/** All is as before for so long before the next process is ended. */
const CALM_MS = 1_000

/** From SIGKILL on, ms. */
type Recovered = Readonly<{name: string; ready_ms: number; first_ms: number; first: string}>
type Processes = ReadonlyMap<string, number>

const processesOf = async (system: OwnSystem): Promise<Processes> =>
	new Map((await system.processes()).map(({name, pid}) => [name, pid]))

/**
 * Waits until all has been as before for a while, and the process has run for long enough that supervision begins its
 * pauses anew.
 * @param came_ms when it was ready again last, by `performance.now()`
 */
const settled = async ({home}: OwnSystem, came_ms: number): Promise<void> => {
	const control = new ControlClient(home)
	const deadline = performance.now() + SETTLED_WITHIN_MS
	const steady_ms = came_ms + DEFAULT_RESTART.healthy_after_ms
	let calm_since = performance.now()
	let blocked = ''
	while (performance.now() < Math.max(calm_since + CALM_MS, steady_ms)) {
		const status = await control.status().catch(() => undefined)
		const shut = status?.stages.filter(({open}) => !open) ?? []
		if (!status || shut.length > 0) {
			calm_since = performance.now()
			blocked = shut.map(({name, blocked_by}) => `${name} by ${blocked_by.join(', ')}`).join('; ')
		}
		if (performance.now() > deadline)
			throw new Error(`Not every stage opened again within ${SETTLED_WITHIN_MS} ms: ${blocked || 'no daemon answers'}`)
		await pause(LOOK_EVERY_MS)
	}
}

const venueOf = async ({home}: OwnSystem): Promise<string> => {
	const rest = (await new ControlClient(home).status())?.venue.rest
	if (!rest) throw new Error(`The daemon of ${home.root} does not say where its venue is`)
	return rest
}

/** @throws Error when another process than the daemon was started anew: its children must outlive it */
const refuseReplaced = (before: Processes, after: Processes): void => {
	for (const [name, pid] of before)
		if (name !== 'daemon' && after.get(name) !== pid)
			throw new Error(`${name} was started anew when the daemon was: ${pid} became ${after.get(name) ?? 'nothing'}`)
}

const killOnce = async (system: OwnSystem, looks: RecoveryLooks, name: string): Promise<Recovered> => {
	const before = await processesOf(system)
	const pid = before.get(name)
	const identity = pid === undefined ? null : identify(pid)
	if (pid === undefined || !identity) throw new Error(`No process ${name} runs`)
	const {ready, handles, first} = looks.of(name, pid, await venueOf(system))
	const begun = performance.now()
	const since = async (fits: () => Promise<boolean>) => ((await fits()) ? performance.now() - begun : undefined)
	if (!signalProcess(identity, 'SIGKILL')) throw new Error(`${name} had ended before it was killed`)
	await system.find(`${name} to end`, ENDED_WITHIN_MS, async () => (sameProcess(identity) ? undefined : true))
	// Nobody but an operator starts the daemon again.
	const up = name === 'daemon' ? system.qt('up') : Promise.resolve()
	up.catch(() => undefined)
	const ready_ms = await system.find(`${name} to be ready again`, BACK_WITHIN_MS, () => since(ready))
	const first_ms = await system.find(`the first ${first} after ${name}`, BACK_WITHIN_MS, () => since(handles))
	await up
	if (name === 'daemon') refuseReplaced(before, await processesOf(system))
	return {name, ready_ms, first_ms, first}
}

const run = async (system: OwnSystem, rounds: number): Promise<Recovered[]> => {
	await system.start('--speed', String(SPEED), '--symbols', SYMBOLS.join())
	const looks = new RecoveryLooks(system)
	try {
		const names = [...(await processesOf(system)).keys()]
		const recovered: Recovered[] = []
		const came = new Map<string, number>()
		for (let round = 0; round < rounds; round += 1)
			for (const name of names) {
				await settled(system, came.get(name) ?? Number.NEGATIVE_INFINITY)
				recovered.push(await killOnce(system, looks, name))
				came.set(name, performance.now())
			}
		return recovered
	} finally {
		looks.close()
	}
}

export const recovery: Bench = {
	name: 'recovery',
	summary:
		'Each process of a whole system ended by SIGKILL in its turn: until it is ready again, and handles the first.',
	run: async ({scale}) => {
		const system = await OwnSystem.make(widePolicy(SYMBOLS))
		try {
			const rounds = Math.max(1, Math.round(KILLS * scale))
			const all = await run(system, rounds)
			const names = [...new Set(all.map(({name}) => name))]
			return {
				measurements: [],
				ratios: [],
				floors: [],
				spreads: names.flatMap(name => {
					const of = all.filter(one => one.name === name)
					const [ready, first] = [of.map(({ready_ms}) => ready_ms), of.map(({first_ms}) => first_ms)]
					return [spreadOf(`${name} to ready`, 'ms', ready), spreadOf(`${name} to first ${of[0]?.first}`, 'ms', first)]
				}),
				notes: [
					`each process killed ${rounds} times, one at a time, ${DEFAULT_RESTART.healthy_after_ms / 1_000} s or more after it came back`,
					`from SIGKILL on, with the pause of supervision before a restart: ${DEFAULT_RESTART.backoff_min_ms * (1 - DEFAULT_RESTART.jitter)} to ${DEFAULT_RESTART.backoff_min_ms} ms`,
					'daemon: `qt up` follows at once; its processes ran on and were adopted',
				],
			}
		} finally {
			await system.close()
		}
	},
}
