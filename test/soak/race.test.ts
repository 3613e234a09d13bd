import {type ChildProcess, spawn} from 'node:child_process'
import {once} from 'node:events'
import {readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {type VenueLine, venueStory} from '../../src/bench/venue-story.js'
import {widePolicy} from '../../src/bench/wide-policy.js'
import {socketPath} from '../../src/daemon/supervision/socket-path.js'
import {eventually} from '../support/eventually.js'
import {type RunningSystem, startSystem} from '../support/system.js'
import {allProblems, entriesOf} from '../support/system-audit.js'
import {fillsOf} from '../support/system-venue.js'

const LONG_MS = 240_000
const patient = {within_ms: 120_000, every_ms: 200}
const LIMIT = 10
const INTENTS = 200
const symbols = Array.from({length: INTENTS}, (_, index) => `SIM${String(index + 1).padStart(3, '0')}USDT`)
const host = fileURLToPath(new URL('../../dist/daemon/host/main.js', import.meta.url))

let system: RunningSystem
const mistakes: ChildProcess[] = []
beforeAll(async () => {
	system = await startSystem({
		settings: {
			// Slow ticks: what is raced for are slots, and not the machine.
			speed: 5,
			market: {kind: 'synthetic', tick_interval_ms: 10_000},
			symbols,
			intervals: ['1m'],
			warmup_candles: 0,
		},
		// Hosts die in the middle of it: a permit must outlive their return.
		policy: {...widePolicy(symbols), positions_max: LIMIT, permit_ttl_ms: 600_000},
	})
	await system.arm()
}, LONG_MS)
afterAll(async () => {
	for (const child of mistakes) child.kill('SIGKILL')
	await system?.stop()
}, LONG_MS)

/** The host of the order path once more: governor, gateway and all, as somebody starts it by hand. */
const secondHost = async (): Promise<ChildProcess> => {
	const {run} = system.home
	const config = JSON.parse(readFileSync(join(run, 'host-exec.config.json'), 'utf8')) as Record<string, unknown>
	const path = join(run, 'host-mistake.config.json')
	const socket = socketPath(run, 'host-mistake.sock')
	writeFileSync(path, JSON.stringify({...config, name: 'mistake', socket, ports: {}}), {mode: 0o600})
	const child = spawn(process.execPath, [host, path], {stdio: 'ignore'})
	mistakes.push(child)
	await once(child, 'spawn')
	return child
}

const quoted = async (symbol: string): Promise<number> =>
	Number((await system.redis.hgetall(`${system.naming.prefix}market:quote:${symbol}`)).bid ?? 0)

describe.sequential(`${INTENTS} intents at one moment, for ${LIMIT} slots`, () => {
	it('never take more than there are, though a second governor and a second gateway run', {
		timeout: LONG_MS,
	}, async () => {
		const prices = await eventually(
			async () => {
				const all = await Promise.all(symbols.map(quoted))
				return all.every(price => price > 0) ? all : undefined
			},
			{...patient, what: 'every symbol is quoted'},
		)
		await eventually(async () => (await entriesOf(system, 'portfolio.cluster_state')).length > 0, {
			...patient,
			what: 'the first gate knows what moves together',
		})
		const second = await secondHost()
		const lease = `${system.naming.prefix}unit:lease:governor`
		await eventually(async () => (await system.redis.hget(lease, 'host')) === 'mistake', {
			...patient,
			every_ms: 5,
			what: 'the second governor has taken over',
		})
		const batch = system.redis.multi()
		for (const [index, symbol] of symbols.entries()) {
			const qty = (150 / (prices[index] ?? 1)).toPrecision(6)
			const fields = {symbol, side: 'BUY', action: 'OPEN', qty, leverage: 2, confidence: 0.9, strategy: 'race'}
			batch.xadd(system.naming.stream('trade.intent'), '*', ...Object.entries(fields).flat())
		}
		await batch.exec()
		await eventually(
			async () => {
				expect((await allProblems(system)).slice(0, 5)).toEqual([])
				return true
			},
			{...patient, what: 'every intent has its outcome, and nothing is stuck'},
		)
		// Whoever lost the lease ends; the daemon's own process comes back and keeps it.
		await eventually(() => second.exitCode !== null || second.signalCode !== null, {
			...patient,
			what: 'the process that was started by mistake gives up',
		})
	})

	it('and by the venue’s own log there were never more than the limit, and each that was sent is there', async () => {
		const log = system.venue.log()
		const results = await entriesOf(system, 'apply.result')
		const executed = results.filter(({action, decision}) => action === 'OPEN' && decision === 'EXECUTED')
		const bought = fillsOf(log).filter(({side}) => side === 'BUY')
		expect(venueStory(log as readonly VenueLine[]).positions_max).toBeLessThanOrEqual(LIMIT)
		expect(new Set(bought.map(({symbol}) => symbol))).toEqual(new Set(executed.map(({symbol}) => symbol)))
		expect(executed.length).toBeGreaterThan(0)
	})

	it('and each of them has exactly one verdict', async () => {
		const opening = (await entriesOf(system, 'apply.plan')).filter(({action}) => action === 'OPEN')
		const plans = new Set(opening.map(({plan_id}) => plan_id))
		const verdicts = (await entriesOf(system, 'governor.events')).filter(
			({verdict = '', plan_id}) => ['ALLOW', 'REFUSE'].includes(verdict) && plans.has(plan_id),
		)
		expect(plans.size).toBe(INTENTS)
		expect(verdicts).toHaveLength(INTENTS)
		expect(new Set(verdicts.map(({plan_id}) => plan_id))).toEqual(plans)
		expect(verdicts.map(({reason}) => reason)).toContain('SLOTS_FULL')
	})
})
