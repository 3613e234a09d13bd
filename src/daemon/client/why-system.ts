import {keys} from '../../engine/contracts/keys.js'
import type {Policy} from '../../engine/contracts/policy.js'
import {messageOf} from '../../engine/errors.js'
import {FIVE_MINUTES_MS, HOUR_MS} from '../../engine/scripts/gates/room.js'
import {type Arming, readArming, stoppedBy} from './arming-record.js'
import {blocksInFile} from './block-file.js'
import type {DaemonStatus} from './control-api.js'
import {ControlClient} from './control-client.js'
import {executionChangeOf} from './execution-record.js'
import type {Home} from './home.js'
import {readLatch} from './latch.js'
import type {State} from './state.js'
import {checkOf, type WhyCheck} from './why-verdict.js'

/** Units without which an intent does not come from the market to the venue. */
const CHAIN = [
	'price-feed',
	'market-publisher',
	'feature-publisher',
	'portfolio-gate',
	'intent-bridge',
	'governor',
	'apply-layer',
] as const

const step = 'system' as const

/** What only the files of the home say: both work with Redis and the daemon down. */
export const fileChecks = (home: Home, arming: Arming, symbol: string): readonly WhyCheck[] => {
	const blocks = blocksInFile(home)
	const block = blocks === 'unreadable' ? undefined : blocks[symbol]
	const blocked = blocks === 'unreadable' ? 'the file cannot be read' : block ? `${block.by}: ${block.reason}` : ''
	return [
		checkOf({
			step,
			code: 'ARM_FILE',
			passed: arming.file.kind === 'record' && arming.file.record.armed,
			used: arming.file.kind === 'record' && arming.file.record.armed ? 'armed' : stoppedBy(arming),
			meaning: 'The gateway’s own file must be armed too.',
			remedy: 'qt status says who stopped it and why; qt go arms',
		}),
		checkOf({
			step,
			code: 'BLOCK_FILE',
			passed: blocked === '',
			used: blocked,
			meaning: 'The gateway’s own file stops no symbol that trades.',
			remedy: `qt go --symbol ${symbol} lifts it`,
		}),
	]
}

/** Whether the processes of the chain run, as the daemon says. */
export const unitCheck = (status: DaemonStatus | undefined, problem: string): WhyCheck => {
	const told = {step, code: 'UNITS', meaning: 'Every unit from the market to the venue must run.'}
	if (!status)
		return checkOf({
			...told,
			passed: null,
			used: `the daemon does not answer${problem === '' ? '' : `: ${problem}`}; its processes may run on`,
			remedy: 'qt up takes them over',
		})
	const stopped = CHAIN.filter(name => status.units.find(unit => unit.name === name)?.state !== 'RUNNING')
	return checkOf({...told, passed: stopped.length === 0, used: stopped.join(', '), remedy: 'see qt status; qt up'})
}

export const readUnitCheck = async (home: Home): Promise<WhyCheck> => {
	try {
		return unitCheck(await new ControlClient(home).status(), '')
	} catch (error) {
		return unitCheck(undefined, messageOf(error))
	}
}

/** Who or what is behind a refusal of a gate, by its code: what the gate itself does not tell. */
export type Behind = Readonly<Record<string, string>>

const blockText = (text: string | undefined): string => {
	if (text === undefined) return ''
	const {by = '', reason = ''} = JSON.parse(text) as {by?: string; reason?: string}
	return `${by}: ${reason}`
}

const standingText = (line: string | undefined): string => {
	if (line === undefined) return 'not in the allowlist'
	return (JSON.parse(line) as {reason?: string}).reason ?? ''
}

/** What stands behind the gates on the whole system, and on the symbol’s place in the universe. */
export const readBehind = async (state: State, symbol: string, arming: Arming): Promise<Behind> => {
	const {bus, naming} = state
	const [execution, change, ess, bsc, block, standing] = await Promise.all([
		bus.get(naming.key(keys.execution, {})),
		bus.hashAll(naming.key(keys.executionChange, {})),
		bus.hashAll(naming.key(keys.essState, {})),
		bus.hashAll(naming.key(keys.bscState, {})),
		bus.hashGet(naming.key(keys.blockedSymbols, {}), symbol),
		bus.hashGet(naming.key(keys.universe, {}), symbol),
	])
	const changed = executionChangeOf(change)
	const turned = `${execution ?? 'not set'}${changed ? ` by ${changed.by}: ${changed.reason}` : ''}`
	const rule = ({state: of = '', rule: name = '', used = '', limit = ''}: Readonly<Record<string, string>>) =>
		`${of}: ${name} at ${used} of ${limit}`
	return {
		KILLED: arming.armed ? '' : stoppedBy(arming),
		SYMBOL_BLOCKED: blockText(block),
		EXECUTION_DISABLED: turned,
		PAUSED: turned,
		ESS_STOPPED: rule(ess),
		BSC_TRIPPED: rule(bsc),
		NOT_IN_UNIVERSE: standingText(standing),
	}
}

export const readArmingNow = async (home: Home, state: State): Promise<Arming> =>
	readArming(home, await readLatch(state))

/** Limits of a rate over time: how long until one more fits, venue ms. @param entries venue times, ms, oldest first */
export const rateWait = (entries: readonly number[], window_ms: number, count_max: number, now_ms: number): number => {
	const within = entries.filter(entry_ms => entry_ms > now_ms - window_ms)
	const blocking = within[within.length - count_max]
	return blocking === undefined ? 0 : Math.max(0, Math.ceil(blocking + window_ms - now_ms))
}

/** Venue time that refusals end with, by code, ms. */
export const waitsOf = ({
	policy,
	now_ms,
	cooldown_ms,
	entries,
}: Readonly<{policy: Policy; now_ms: number; cooldown_ms: number; entries: readonly number[]}>): Readonly<
	Record<string, number>
> => ({
	COOLDOWN: Math.max(0, Math.ceil(cooldown_ms + policy.cooldown_ms - now_ms)),
	RATE_HOUR: rateWait(entries, HOUR_MS, policy.entries_per_hour_max, now_ms),
	RATE_5M: rateWait(entries, FIVE_MINUTES_MS, policy.entries_per_5m_max, now_ms),
})
