import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {kill} from '../../src/daemon/client/killing.js'
import {eventually} from '../support/eventually.js'
import {KILL_BOUND_MS, LONG_MS, operatorOf, patient, startQuiet} from '../support/kills.js'
import type {RunningSystem} from '../support/system.js'

let system: RunningSystem
let the: ReturnType<typeof operatorOf>
beforeAll(async () => {
	system = await startQuiet()
	the = operatorOf(system)
}, LONG_MS)
afterAll(() => system?.stop(), LONG_MS)

describe.sequential('a kill on a whole system', () => {
	it('with a gateway that is stopped: it is ended, and its heir sends nothing', {timeout: LONG_MS}, async () => {
		await the.armed()
		const pid = await system.pidOf('host-exec')
		process.kill(pid, 'SIGSTOP')
		const reports = await the.halted()
		const proofs = reports.flatMap(({steps}) => steps.filter(({name}) => name === 'gateways').map(({detail}) => detail))
		expect(proofs.join()).toContain(`(pid ${pid}) did not answer and was ended`)
		const from = the.mark()
		await eventually(async () => (await system.pidOf('host-exec')) !== pid, {
			...patient,
			what: 'the gateway has an heir',
		})
		await the.temptation(from)
	})

	it.each([
		['is slow', {times: 1_000, action: {kind: 'delay', ms: 2_000}}, /./],
		['resets connections', {times: 6, action: {kind: 'drop'}}, /./],
		[
			'fails',
			{times: 1_000, action: {kind: 'error', http: 503, code: -1000, msg: 'down'}},
			/^venue: .*(?:down|took longer)/,
		],
		[
			'bans us',
			{times: 1_000, action: {kind: 'error', http: 418, code: -1003, msg: 'banned', retry_after_s: 60}},
			/^venue: .*asks for silence/,
		],
	])('while the venue %s: a true verdict in bounded time', {timeout: LONG_MS}, async (_, fault, why) => {
		await the.armed()
		await system.venue.control('POST', 'faults', {match: {}, ...fault})
		await the.want('LINKUSDT')
		const {state, steps} = await kill(the.options())
		const from = the.mark()
		await system.venue.control('DELETE', 'faults')
		const took_ms = steps.reduce((sum, {ms}) => sum + ms, 0)
		expect(took_ms).toBeLessThan(KILL_BOUND_MS)
		const missing = steps.filter(({ok}) => !ok).map(({name, detail}) => `${name}: ${detail}`)
		expect(missing.length === 0).toBe(state === 'HALTED')
		if (state !== 'HALTED') expect(missing.join()).toMatch(why)
		// What it says is held against the venue's own log.
		if (state === 'HALTED') await the.temptation(from)
		await the.halted()
		await the.temptation(the.mark())
	})
})
