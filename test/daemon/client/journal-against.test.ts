import {afterAll, beforeAll, expect, test} from 'vitest'
import {journalAgainst} from '../../../src/daemon/client/journal.js'
import {socketPath} from '../../../src/daemon/supervision/socket-path.js'
import {serveJson, startSystem, type TestSystem} from './system-fixture.js'

let system: TestSystem
beforeAll(async () => {
	system = await startSystem()
})
afterAll(() => system.stop())

test.each([
	['sound', {path: '/j', fault: null}, undefined],
	[
		'broken',
		{path: '/j', fault: 'The trade journal /j cannot be read: x'},
		/^The trade journal \/j .* qt ledger restore/,
	],
])('a journal that is %s: %j', async (_, body, expected) => {
	const host = await serveJson(socketPath(system.home.run, 'host-state.sock'), async () => ({body}))
	const against = await journalAgainst(system.home)
	await host.close()
	if (expected === undefined) expect(against).toBeUndefined()
	else expect(against).toMatch(expected)
})

test('where nobody holds it, its stage is what is missing', async () => {
	expect(await journalAgainst(system.home)).toBeUndefined()
})
