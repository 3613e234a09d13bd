import {mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {afterAll, beforeAll, expect, test} from 'vitest'
import {diagnosticAdapters} from '../../../src/daemon/host/diagnostic-adapters.js'
import {paperCredentials} from '../../../src/daemon/system/secrets.js'
import {SystemClock} from '../../../src/engine/adapters/clock/system-clock.js'
import {defaultPolicy} from '../../../src/engine/contracts/policy.js'
import {alerts, events} from '../../../src/engine/contracts/streams/ops.js'
import {anyUnit} from '../../../src/engine/contracts/unit.js'
import {UnitLoop} from '../../../src/engine/runtime/unit-loop.js'
import {diagnostic} from '../../../src/engine/units/obs/diagnostic.js'
import {eventually} from '../../support/eventually.js'
import {startSystem, type TestSystem} from '../client/system-fixture.js'

let system: TestSystem
beforeAll(async () => {
	system = await startSystem()
})
afterAll(() => system.stop())

const NAME = /^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ\.json$/
const WITHIN_MS = 20_000

const critical = (message: string) =>
	system.state.bus.append(system.state.naming.stream(alerts.name), {
		...{severity: 'critical', code: 'UNIT_FAILED', subject: 'governor', message},
	})
/** The unit over the real thing, and what it says next in the events. */
const start = () => {
	const {bus, naming} = system.state
	const stop = new AbortController()
	const loop = new UnitLoop({
		...{bus, naming, clock: new SystemClock(), policy: defaultPolicy, mode: 'PAPER', host: 'test'},
		...{unit: anyUnit(diagnostic), adapters: diagnosticAdapters({config: {home: system.home.root}})},
	})
	const running = loop.run(stop.signal)
	const said = (event: string) =>
		eventually(
			async () => (await bus.range(naming.stream(events.name), {count: 10})).find(({fields}) => fields.event === event),
			{within_ms: WITHIN_MS, what: event},
		)
	const end = async () => {
		stop.abort()
		await running
	}
	return {loop, said, end}
}

test('a critical alert leaves a whole bundle without secrets, for its owner alone; the newest seven are kept', async () => {
	const {diagnostics} = system.home
	mkdirSync(diagnostics, {mode: 0o700})
	const old = ['01', '02', '03', '04', '05', '06', '07'].map(day => `2025-01-${day}T00-00-00Z.json`)
	for (const name of [...old, '2025-01-07T00-00-00Z.json.77.draft']) writeFileSync(join(diagnostics, name), '{}')
	const {api_secret} = paperCredentials(system.home)
	await critical(`failed with ${api_secret}`)
	const {said, end} = start()
	const {fields} = await said('DIAGNOSTIC_WRITTEN')
	await end()
	const names = readdirSync(diagnostics).sort()
	const name = names.at(-1) ?? ''
	expect(names).toEqual([...old.slice(1), name])
	expect(name).toMatch(NAME)
	const file = join(diagnostics, name)
	expect(fields.detail).toContain(`${file}, ${statSync(file).size} bytes, critical alert UNIT_FAILED of governor`)
	expect(statSync(file).mode & 0o777).toBe(0o600)
	const text = readFileSync(file, 'utf8')
	expect(text).not.toContain(api_secret)
	const {entries} = JSON.parse(text) as {entries: Record<string, ReadonlyArray<{fields: unknown}>>}
	expect(entries.alerts).toMatchObject([{fields: {code: 'UNIT_FAILED'}}])
})

test('where none can be written it says so and goes on; stopping does not wait for one', async () => {
	const {diagnostics} = system.home
	await system.reset()
	rmSync(diagnostics, {recursive: true})
	writeFileSync(diagnostics, 'no directory')
	await critical('first')
	const {loop, said, end} = start()
	const {fields} = await said('DIAGNOSTIC_FAILED')
	expect(fields.detail).toContain('EEXIST')
	expect(loop.ready).toBe(true)
	await end()
	await system.reset()
	await critical('second')
	const next = start()
	await eventually(() => next.loop.effects_in_flight === 1)
	await next.end()
	const {bus, naming} = system.state
	expect(await bus.range(naming.stream(events.name), {count: 10})).toEqual([])
})
