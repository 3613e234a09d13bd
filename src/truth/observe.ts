import type {Home} from '../daemon/client/home.js'
import {messageOf} from '../engine/errors.js'
import type {Observed, Part} from './observed.js'

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

/** Looks at a system as its operators do. What cannot be reached says so; nothing is guessed. */
export const observe = async (home: Home, {env, now_ms}: Surroundings): Promise<Observed> => {
	const [{readStatus}, {withState}, {readStreams}, {readLimits}, {auditRegistry}, {auditedRules}, facts] =
		await Promise.all([
			import('../daemon/client/system-status.js'),
			import('../daemon/client/state.js'),
			import('../daemon/client/stream-watch.js'),
			import('../daemon/client/limits.js'),
			import('../audit/audit.js'),
			import('./audited.js'),
			import('./server-facts.js'),
		])
	const only = auditedRules.map(({name}) => name)
	const [status, streams, limits, audit, server, machine] = await Promise.all([
		look('qt status', () => readStatus(home), now_ms),
		look('qt streams', async () => (await readStreams(home, {now_ms})).streams, now_ms),
		look('qt limits', () => withState(home, state => readLimits(home, state, now_ms)), now_ms),
		look('qt registry audit', () => auditRegistry(home, {env, now_ms, only}), now_ms),
		look('qt redis INFO', () => withState(home, facts.readServer), now_ms),
		look('uname -sr, nproc, uptime, free, df', async () => facts.machineFacts(home), now_ms),
	])
	return {status, streams, limits, audit, server, machine}
}
