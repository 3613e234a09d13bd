import {fileURLToPath} from 'node:url'
import {execa} from 'execa'
import {expect, it} from 'vitest'

const program = fileURLToPath(new URL('../../dist/chaos/run.js', import.meta.url))
const MINUTES = 0.3
/** A busy machine takes its time to come to rest: this bounds hangs, not speed. */
const WITHIN_MS = 600_000

it('every guarantee holds after a short seed of chaos', {timeout: WITHIN_MS}, async () => {
	const {exitCode, stdout, stderr} = await execa(
		process.execPath,
		[program, '--seed', '1', '--minutes', String(MINUTES), '--verbose'],
		{reject: false},
	)
	expect(exitCode, `${stderr}\n${stdout}`).toBe(0)
	expect(stdout).toContain('Every invariant holds.')
	expect(Number(/(\d+) faults were done/.exec(stdout)?.[1])).toBeGreaterThan(3)
	expect(Number(/(\d+) intents/.exec(stdout)?.[1])).toBeGreaterThan(20)
})
