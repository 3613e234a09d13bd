import {writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {execa} from 'execa'
import {afterEach, beforeEach, expect, it} from 'vitest'
import {type TemporaryHome, temporaryHome} from '../support/temporary-home.js'

const program = fileURLToPath(new URL('../../.ci/count.mjs', import.meta.url))
const file = (status: string, ...tests: string[]) => ({
	name: 'a.test.ts',
	status,
	assertionResults: tests.map(each => ({status: each})),
})

let home: TemporaryHome
beforeEach(async () => {
	home = await temporaryHome()
})
afterEach(() => home.remove())

it.each([
	['all passed', 3, 0, [file('passed', 'passed')], '0', '3 passed, 0 failed', 0],
	['a test failed', 2, 1, [file('failed', 'passed', 'failed')], '1', '2 passed, 1 failed', 1],
	['a file could not be loaded', 2, 0, [file('passed', 'passed'), file('failed')], '1', '2 passed, 1 failed', 1],
	['a hook failed after its tests', 1, 0, [file('failed', 'passed')], '1', '1 passed, 1 failed', 1],
	['an error outside any test', 2, 0, [file('passed', 'passed')], '1', '2 passed, 1 failed', 1],
	['nothing ran', 0, 0, [], '0', '0 passed, 0 failed', 1],
])('counts when %s', async (_, numPassedTests, numFailedTests, testResults, runner, line, exitCode) => {
	const report = join(home.path, 'report.json')
	await writeFile(report, JSON.stringify({numPassedTests, numFailedTests, testResults}))
	const run = await execa(process.execPath, [program, report, runner], {reject: false})
	expect(run.exitCode).toBe(exitCode)
	expect(run.stdout.split('\n').at(-1)).toBe(line)
})

it('counts a runner that left no report as a failure', async () => {
	const run = await execa(process.execPath, [program, join(home.path, 'none.json'), '137'], {reject: false})
	expect(run.exitCode).toBe(1)
	expect(run.stdout.split('\n').at(-1)).toBe('0 passed, 1 failed')
})
