import type {Home} from '../daemon/client/home.js'
import {messageOf} from '../engine/errors.js'
import {type Observed, type Part, seenOf} from './observed.js'

type Clock = () => number

const look = async <Data>(command: string, read: () => Promise<Data>, now_ms: Clock): Promise<Part<Data>> => {
	const at_ms = now_ms()
	try {
		return {command, at_ms, data: await read()}
	} catch (error) {
		return {command, at_ms, unreachable: messageOf(error)}
	}
}

type Surroundings = Readonly<{env: NodeJS.ProcessEnv; now_ms: Clock}>

/** All looks at once, by name. */
const together = async <Looks extends Readonly<Record<string, Promise<unknown>>>>(
	looks: Looks,
): Promise<{[Name in keyof Looks]: Awaited<Looks[Name]>}> => {
	const found = await Promise.all(Object.entries(looks).map(async ([name, part]) => [name, await part] as const))
	return Object.fromEntries(found) as {[Name in keyof Looks]: Awaited<Looks[Name]>}
}

/** Looks at a system as its operators do. What cannot be reached says so; nothing is guessed. */
export const observe = async (home: Home, {env, now_ms}: Surroundings): Promise<Observed> => {
	const [
		{readStatus},
		{withState},
		{readStreams},
		{readLimits},
		{auditRegistry},
		{auditedRules},
		{withVenue},
		facts,
		used,
		held,
	] = await Promise.all([
		import('../daemon/client/system-status.js'),
		import('../daemon/client/state.js'),
		import('../daemon/client/stream-watch.js'),
		import('../daemon/client/limits.js'),
		import('../audit/audit.js'),
		import('./audited.js'),
		import('../daemon/client/venue-access.js'),
		import('./server-facts.js'),
		import('./process-usage.js'),
		import('../daemon/client/positions.js'),
	])
	const only = auditedRules.map(({name}) => name)
	const status = look('qt status', () => readStatus(home), now_ms)
	const usage = async () => used.usageBy((seenOf(await status)?.processes ?? []).flatMap(({pid}) => pid ?? []))
	return together({
		status,
		streams: look('qt streams', async () => (await readStreams(home, {now_ms})).streams, now_ms),
		limits: look('qt limits', () => withState(home, state => readLimits(home, state, now_ms)), now_ms),
		audit: look('qt registry audit', () => auditRegistry(home, {env, now_ms, only}), now_ms),
		positions: look('qt positions', () => withVenue(home, env, held.protectedPositions), now_ms),
		usage: look('ps -o pid,pcpu,rss', usage, now_ms),
		server: look('qt redis INFO', () => withState(home, facts.readServer), now_ms),
		machine: look('uname -sr, nproc, uptime, free, df', async () => facts.machineFacts(home), now_ms),
	})
}
