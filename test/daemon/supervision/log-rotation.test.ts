import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {appendFileSync, existsSync, openSync, readFileSync, statSync, writeFileSync} from 'node:fs'
import {copyFile} from 'node:fs/promises'
import {join} from 'node:path'
import {afterEach, beforeEach, describe, expect, it, onTestFinished} from 'vitest'
import {systemClock} from '../../../src/daemon/supervision/clock.js'
import {rotateLog} from '../../../src/daemon/supervision/log-rotation.js'
import {LogRotator} from '../../../src/daemon/supervision/log-rotator.js'
import {eventually} from '../../support/eventually.js'
import {type TemporaryHome, temporaryHome} from '../../support/temporary-home.js'
import {ground} from './small-processes.js'

let home: TemporaryHome
let file: string

beforeEach(async () => {
	home = await temporaryHome()
	file = join(home.path, 'unit.log')
})

afterEach(() => home.remove())

const text = (path: string) => readFileSync(path, 'utf8')
/** A disk without room, as the kernel reports it, with the part that still fitted. */
const onFullDisk = async (_from: string, to: string): Promise<never> => {
	writeFileSync(to, 'x')
	throw Object.assign(new Error(`ENOSPC: no space left on device, copyfile -> ${to}`), {code: 'ENOSPC'})
}

describe('one log', () => {
	it('is left alone up to its bound, and while it does not exist', async () => {
		expect(await rotateLog(file, {max_bytes: 4, generations: 2})).toBeNull()
		writeFileSync(file, 'four')
		expect(await rotateLog(file, {max_bytes: 4, generations: 2})).toBeNull()
	})

	it('moves through its generations, the oldest falling off', async () => {
		for (const word of ['first', 'second', 'third', 'fourth']) {
			appendFileSync(file, word)
			expect(await rotateLog(file, {max_bytes: 1, generations: 2})).toEqual({
				file,
				rotated_bytes: word.length,
				dropped_bytes: 0,
				alarm: null,
			})
			expect(text(file)).toBe('')
		}
		expect(text(`${file}.1`)).toBe('fourth')
		expect(text(`${file}.2`)).toBe('third')
		expect(existsSync(`${file}.3`)).toBe(false)
		expect(statSync(`${file}.1`).size).toBe(6)
	})

	it('keeps what a writer appends between the copy and the cut', async () => {
		writeFileSync(file, 'before ')
		await rotateLog(file, {max_bytes: 1, generations: 1}, async (from, to) => {
			await copyFile(from, to)
			appendFileSync(file, 'meanwhile')
		})
		expect(text(`${file}.1`)).toBe('before meanwhile')
	})

	it('finishes the rotation of a daemon that died after the cut, and drops the copy of one that died before', async () => {
		writeFileSync(`${file}.rotating`, 'old lines, the only copy')
		writeFileSync(file, 'new')
		await rotateLog(file, {max_bytes: 100, generations: 2})
		expect([text(`${file}.1`), text(file)]).toEqual(['old lines, the only copy', 'new'])
		writeFileSync(`${file}.rotating`, 'ne')
		await rotateLog(file, {max_bytes: 100, generations: 2})
		expect(existsSync(`${file}.rotating`)).toBe(false)
		expect([text(`${file}.1`), text(file)]).toEqual(['old lines, the only copy', 'new'])
	})
})

describe('a full disk', () => {
	it('costs the oldest generations first', async () => {
		writeFileSync(file, 'now')
		writeFileSync(`${file}.1`, 'newer')
		writeFileSync(`${file}.2`, 'older')
		let tries = 0
		const fullAtFirst = (from: string, to: string) => (++tries === 1 ? onFullDisk(from, to) : copyFile(from, to))
		expect(await rotateLog(file, {max_bytes: 1, generations: 2}, fullAtFirst)).toEqual({
			file,
			rotated_bytes: 3,
			dropped_bytes: 5,
			alarm: `disk full: 5 bytes of older logs of ${file} were removed`,
		})
		expect([text(`${file}.1`), text(`${file}.2`), text(file)]).toEqual(['now', 'newer', ''])
	})

	it('lets the log grow to twice its bound with an alarm, then cuts it', async () => {
		writeFileSync(file, 'x'.repeat(150))
		const bounds = {max_bytes: 100, generations: 1}
		expect((await rotateLog(file, bounds, onFullDisk))?.alarm).toBe(`disk full: ${file} cannot be rotated and grows`)
		expect(statSync(file).size).toBe(150)
		appendFileSync(file, 'x'.repeat(50))
		expect(await rotateLog(file, bounds, onFullDisk)).toMatchObject({
			dropped_bytes: 200,
			alarm: `disk full: ${file} was cut without a copy, 200 bytes of log are lost`,
		})
		expect(statSync(file).size).toBe(0)
	})
})

describe('under a writer that never pauses', () => {
	it('keeps every log bounded and every line in order, and loses next to nothing', async () => {
		const enough = `${file}.enough`
		const script = `const {writeSync, existsSync} = require('fs'); let n = 0
			while (n % 1000 || !existsSync('${enough}')) writeSync(1, 'line ' + ++n + '\\n')
			writeSync(2, String(n))`
		const log = openSync(file, 'a')
		const writer = spawn(process.execPath, ['-e', script], {stdio: ['ignore', log, 'pipe']})
		onTestFinished(() => void writer.kill('SIGKILL'))
		let written = ''
		writer.stderr?.on('data', chunk => {
			written += chunk
		})
		const generations = 200
		let rotations = 0
		let ended = false
		const done = once(writer, 'close').then(() => {
			ended = true
		})
		while (!ended) {
			if (await rotateLog(file, {max_bytes: 200_000, generations})) rotations += 1
			if (rotations > 6) writeFileSync(enough, '')
			await new Promise(resolve => setImmediate(resolve))
		}
		await done
		const files = Array.from({length: generations}, (_, index) => `${file}.${generations - index}`).filter(existsSync)
		expect(files).toHaveLength(rotations)
		// A cut that meets a line half written leaves a fragment without an end: a lost line.
		const lines = [...files, file].flatMap(name => text(name).split('\n').slice(0, -1))
		const numbers = lines.flatMap(line => /^line (\d+)$/.exec(line)?.[1] ?? []).map(Number)
		const total = Number(written)
		const lost = total - numbers.length
		expect(lines.length - numbers.length, 'lines without a head').toBeLessThanOrEqual(rotations)
		expect(numbers.every((number, index) => index === 0 || number > (numbers[index - 1] ?? 0))).toBe(true)
		expect(rotations).toBeGreaterThan(3)
		expect(lost / total, `${lost} of ${total} lines lost in ${rotations} rotations`).toBeLessThan(0.05)
		console.log(`log rotation: ${lost} of ${total} lines lost in ${rotations} rotations`)
	})

	it('bounds the log of a supervised process through its own descriptor, growing no heap', async () => {
		const at = await ground()
		const line = 'x'.repeat(99)
		const supervisor = at.supervisor([at.spec('chatty', `yes ${line} | head -c 60000000; exec sleep 1000`)])
		const log = at.path('chatty.log')
		const alarms: string[] = []
		let rotated = 0
		const rotator = new LogRotator({
			files: () => [log],
			max_bytes: 4_000_000,
			generations: 2,
			every_ms: 5,
			clock: systemClock,
			onAlarm: message => alarms.push(message),
			onRotated: rotation => {
				rotated += rotation.rotated_bytes
			},
		})
		const before = process.memoryUsage()
		rotator.start()
		await supervisor.start()
		await supervisor.waitReady(undefined, 5_000)
		await eventually(() => rotated > 30_000_000 && existsSync(log) && statSync(log).size < 4_000_000, {
			within_ms: 15_000,
		})
		rotator.stop()
		const after = process.memoryUsage()
		expect(alarms).toEqual([])
		expect(after.heapUsed + after.external - before.heapUsed - before.external).toBeLessThan(20_000_000)
		expect(existsSync(`${log}.3`)).toBe(false)
	})
})
