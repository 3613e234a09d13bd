import type {Bus} from '../../engine/bus/bus.js'
import {keys} from '../../engine/contracts/keys.js'
import type {Naming} from '../../engine/contracts/naming.js'
import {units} from '../../engine/registry.js'
import type {Clock} from '../../engine/runtime/clock.js'

const STEP_MS = 60_000
const SETTLE_POLL_MS = 2
const CLOSED_POLL_MS = 500

type Options = Readonly<{
	bus: Bus
	naming: Naming
	clock: Clock
	origin: string
	signal: AbortSignal
	isOpen: () => boolean
	onError: (error: unknown) => void
}>
type Advanced = Readonly<{venue_ms: number; ended: boolean}>

const post = async (origin: string, until_ms: number, signal: AbortSignal): Promise<Advanced> => {
	const answer = await fetch(`${origin}/paper/advance`, {
		method: 'POST',
		headers: {'content-type': 'application/json'},
		body: JSON.stringify({until_ms}),
		signal,
	})
	if (!answer.ok) throw new Error(`the venue refuses to advance: HTTP ${answer.status} ${await answer.text()}`)
	return (await answer.json()) as Advanced
}

/** Nothing waits in any stream and no effect is on its way: the pipeline has caught up with the market. */
const isQuiet = async ({bus, naming}: Options): Promise<boolean> => {
	for (const unit of units) {
		for (const stream of Object.values(unit.reads)) {
			const {undelivered, pending} = await bus.backlog(naming.stream(stream.name), naming.group(unit.name, stream.name))
			if (undelivered !== 0 || pending !== 0) return false
		}
		if (unit.effects && Object.keys(await bus.hashAll(naming.key(keys.unitEffects, {unit: unit.name}))).length > 0)
			return false
	}
	return true
}

/** Moves the venue's clock a minute at a time, and only when everything that the last minute caused is done. */
export const conductLockstep = async (options: Options): Promise<void> => {
	const {clock, origin, signal, isOpen, onError} = options
	let until_ms = 0
	while (!signal.aborted) {
		try {
			if (!isOpen()) {
				await clock.wait(CLOSED_POLL_MS, signal)
				continue
			}
			if (until_ms === 0)
				until_ms = ((await (await fetch(`${origin}/paper/clock`, {signal})).json()) as Advanced).venue_ms
			while (!signal.aborted && !(await isQuiet(options))) await clock.wait(SETTLE_POLL_MS, signal)
			until_ms += STEP_MS
			if ((await post(origin, until_ms, signal)).ended) return
		} catch (error) {
			if (signal.aborted) return
			onError(error)
			await clock.wait(CLOSED_POLL_MS, signal)
		}
	}
}
