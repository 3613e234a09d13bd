import {appendFileSync, mkdirSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {afterEach, beforeEach, describe, expect, it} from 'vitest'
import {type Home, homeAt} from '../../../src/daemon/client/home.js'
import {followLogs, type LogLine, lastLines, logsOf} from '../../../src/daemon/client/logs.js'
import {EXIT_CODES} from '../../../src/engine/exit-codes.js'
import {eventually} from '../../support/eventually.js'
import {type TemporaryHome, temporaryHome} from '../../support/temporary-home.js'

describe('logs', () => {
	let place: TemporaryHome
	let home: Home
	beforeEach(async () => {
		place = await temporaryHome()
		home = homeAt(place.path)
		mkdirSync(home.logs, {recursive: true})
		for (const name of ['daemon', 'host-exec', 'redis'])
			writeFileSync(join(home.logs, `${name}.log`), `${name} one\n${name} two\n`)
	})
	afterEach(() => place.remove())

	it.each([
		[undefined, ['daemon', 'host-exec', 'redis']],
		['redis', ['redis']],
		['governor', ['host-exec']],
	])('%s means these files', async (name, expected) => {
		expect((await logsOf(home, name)).map(({process}) => process)).toEqual(expected)
	})

	it.each([
		['governr', EXIT_CODES.usage, 'did you mean governor?'],
		['nothing-like-it-at-all', EXIT_CODES.usage, 'there are logs of daemon, host-exec, redis'],
		['trade-logger', EXIT_CODES.unreachable, 'start the system: qt up'],
	])('%s is answered with %i and a remedy', async (name, exit_code, hint) => {
		await expect(logsOf(home, name)).rejects.toMatchObject({exit_code, hint})
	})

	it.each([
		['', 3, []],
		['a', 3, ['a']],
		['a\nb\nc\n', 2, ['b', 'c']],
		['a\nb', 9, ['a', 'b']],
		['a\n', 0, []],
	])('the end of %j in %i lines', (text, count, expected) => {
		const path = join(home.logs, 'x.log')
		writeFileSync(path, text)
		expect(lastLines(path, count)).toEqual(expected)
	})

	it('the end of a file much longer than one reading', () => {
		const path = join(home.logs, 'x.log')
		writeFileSync(path, Array.from({length: 50_000}, (_, index) => `line ${index} 币\n`).join(''))
		expect(lastLines(path, 5_000).at(0)).toBe('line 45000 币')
	})

	it('are followed by whole lines, also over a file that was cut back', async () => {
		const lines: LogLine[] = []
		const stop = new AbortController()
		const files = await logsOf(home, 'redis')
		const following = followLogs(files, line => lines.push(line), stop.signal)
		const path = join(home.logs, 'redis.log')
		appendFileSync(path, 'three\nfo')
		await eventually(() => lines.length === 1)
		appendFileSync(path, 'ur\n')
		await eventually(() => lines.length === 2)
		writeFileSync(path, 'new\n')
		await eventually(() => lines.length === 3)
		stop.abort()
		await following
		expect(lines.map(({line}) => line)).toEqual(['three', 'four', 'new'])
	})
})
