import {writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {afterAll, beforeAll, expect, it} from 'vitest'
import {stringify} from 'yaml'
import {readEss, resetEss} from '../../src/daemon/client/ess.js'
import {go} from '../../src/daemon/client/go.js'
import {applyPolicy, runningVersion} from '../../src/daemon/client/policy.js'
import {readStatus} from '../../src/daemon/client/system-status.js'
import {keys} from '../../src/engine/contracts/keys.js'
import {EXIT_CODES} from '../../src/engine/exit-codes.js'
import {eventually} from '../support/eventually.js'
import {type RunningSystem, startSystem} from '../support/system.js'
import {entriesOf} from '../support/system-audit.js'
import {tradingPolicy} from '../support/trading-policy.js'

const LONG_MS = 180_000
const patient = {within_ms: 90_000, every_ms: 100}
let system: RunningSystem
beforeAll(async () => {
	system = await startSystem()
}, LONG_MS)
afterAll(() => system?.stop(), LONG_MS)

const said = () => ({author: 'ada', reason: 'a test', now_ms: Date.now})
const stateOf = () => ({bus: system.bus, naming: system.naming, url: ''})

it('a limit that is tightened while the system runs trips the ESS, which closes everything and disarms until a reset', {
	timeout: LONG_MS,
}, async () => {
	const {home, naming, redis} = system
	await system.arm()
	await eventually(async () => (await system.venue.positions()).length > 0, {...patient, what: 'a position is open'})
	const file = join(home.root, 'tight.yaml')
	const ess = {...tradingPolicy.ess, daily_loss_warning: 1e-9, daily_loss_critical: 1e-9}
	writeFileSync(file, stringify({...tradingPolicy, ess}))
	const {version, running} = await applyPolicy({home, ...said()}, file)
	expect(running).toBe(version)

	await eventually(async () => (await redis.hget(naming.key(keys.arm, {}), 'by')) === 'ess', {
		...patient,
		what: 'the ESS kills the latch',
	})
	expect((await entriesOf(system, 'ess.state')).at(-1)).toMatchObject({state: 'CRITICAL', rule: 'DAILY_LOSS'})
	await eventually(async () => (await system.venue.positions()).length === 0, {...patient, what: 'all is flat'})
	expect((await entriesOf(system, 'apply.plan')).filter(({source}) => source === 'ess-trigger')).not.toEqual([])

	const status = await readStatus(home)
	expect(status).toMatchObject({kill: true, ess: {state: 'CRITICAL', rule: 'DAILY_LOSS'}, arm: {by: 'ess'}})
	await expect(go(home, {now_ms: Date.now})).rejects.toMatchObject({
		exit_code: EXIT_CODES.refused,
		message: expect.stringMatching(/the ESS is CRITICAL: DAILY_LOSS .*qt ess reset --reason/),
	})

	writeFileSync(file, stringify(tradingPolicy))
	await applyPolicy({home, ...said()}, file)
	expect(await runningVersion(home)).toBe(version + 1)
	expect((await readEss(stateOf(), Date.now)).state).toBe('CRITICAL')
	expect(await resetEss(stateOf(), {by: 'ada', reason: 'seen', now_ms: Date.now})).toMatchObject({outcome: 'RESET'})
	await eventually(async () => (await go(home, {now_ms: Date.now})).state === 'ARMED', {
		...patient,
		what: 'armed again',
	})
	await eventually(async () => (await system.venue.positions()).length > 0, {...patient, what: 'it trades again'})
})
