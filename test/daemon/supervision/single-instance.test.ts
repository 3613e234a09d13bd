import {type ChildProcess, spawn} from 'node:child_process'
import {once} from 'node:events'
import {readdirSync, rmdirSync, writeFileSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {createInterface} from 'node:readline'
import {afterAll, beforeAll, describe, expect, it, onTestFinished} from 'vitest'
import {acquireInstance, holderOf} from '../../../src/daemon/supervision/single-instance.js'
import {type TemporaryHome, temporaryHome} from '../../support/temporary-home.js'
import {compileSupervision} from './compiled-supervision.js'

const started_at = '2026-01-01T00:00:00.000Z'

let tools: TemporaryHome
let contender: string

beforeAll(async () => {
	tools = await temporaryHome()
	const modules = compileSupervision(join(tools.path, 'compiled'))
	contender = join(tools.path, 'compiled/contender.js')
	writeFileSync(
		contender,
		`import {acquireInstance} from '${modules}/single-instance.js'
		import {createInterface} from 'node:readline'
		const say = word => process.stdout.write(word + '\\n')
		createInterface({input: process.stdin}).on('line', async dir => {
			try {
				await acquireInstance({dir, home: dir, started_at: '${started_at}'})
				say('held')
			} catch (error) {
				say(error.exit_code === 6 ? error.message : 'broken: ' + error.stack)
			}
		})
		say('loaded')`,
	)
})

afterAll(() => tools.remove())

class Contender {
	readonly child: ChildProcess
	readonly #lines: AsyncIterator<string>

	constructor() {
		this.child = spawn(process.execPath, [contender], {stdio: ['pipe', 'pipe', 'inherit']})
		if (!this.child.stdout) throw new Error('no stdout')
		this.#lines = createInterface({input: this.child.stdout})[Symbol.asyncIterator]()
	}

	async said(): Promise<string> {
		return (await this.#lines.next()).value ?? 'nothing'
	}

	async acquire(dir: string): Promise<string> {
		this.child.stdin?.write(`${dir}\n`)
		return this.said()
	}

	async kill9(): Promise<void> {
		const gone = once(this.child, 'exit')
		this.child.kill('SIGKILL')
		await gone
	}
}

const loaded = (count: number) =>
	Promise.all(
		Array.from({length: count}, async () => {
			const made = new Contender()
			onTestFinished(() => void made.child.kill('SIGKILL'))
			expect(await made.said()).toBe('loaded')
			return made
		}),
	)

describe('a home', () => {
	it('is held by one: the second is refused and told who holds it', async () => {
		const home = await temporaryHome()
		const dir = join(home.path, 'run')
		expect(await holderOf(dir)).toBeNull()
		const lock = await acquireInstance({dir, home: home.path, started_at})
		await expect(acquireInstance({dir, home: home.path, started_at})).rejects.toMatchObject({
			message: `daemon pid ${process.pid} started at ${started_at} holds ${home.path}`,
			exit_code: 6,
		})
		expect((await holderOf(dir))?.pid).toBe(process.pid)
		await lock.release()
		await lock.release()
		expect(await holderOf(dir)).toBeNull()
		const again = await acquireInstance({dir, home: home.path, started_at})
		await again.release()
		await home.remove()
	})

	it('can be held beside another home', async () => {
		const homes = await Promise.all([temporaryHome(), temporaryHome()])
		const locks = await Promise.all(homes.map(({path}) => acquireInstance({dir: path, home: path, started_at})))
		await Promise.all(locks.map(lock => lock.release()))
		await Promise.all(homes.map(home => home.remove()))
	})

	it('works where the path is too long for a socket', async () => {
		const home = await temporaryHome()
		const dir = join(home.path, 'a-very-long-name-'.repeat(8), 'run')
		const lock = await acquireInstance({dir, home: home.path, started_at})
		expect((await holderOf(dir))?.pid).toBe(process.pid)
		await lock.release()
		rmdirSync(dirname(lock.record.socket))
		await home.remove()
	})

	it('is taken over after a kill -9 by exactly one of several that start at once, round after round', async () => {
		const home = await temporaryHome()
		const rounds = 25
		let waiting = await loaded(2)
		let holder: Contender | undefined
		for (let round = 0; round < rounds; round += 1) {
			const next = loaded(1)
			await holder?.kill9()
			const answers = await Promise.all(waiting.map(one => one.acquire(home.path)))
			const winners = waiting.filter((_, index) => answers[index] === 'held')
			expect(winners, `round ${round}: ${answers.join(' | ')}`).toHaveLength(1)
			holder = winners[0]
			const told = answers.find(answer => answer !== 'held')
			expect(told).toBe(`daemon pid ${holder?.child.pid} started at ${started_at} holds ${home.path}`)
			waiting = [...waiting.filter(one => one !== holder), ...(await next)]
		}
		expect((await holderOf(home.path))?.pid).toBe(holder?.child.pid)
		expect(readdirSync(home.path).filter(name => name.endsWith('.json')).length).toBeLessThanOrEqual(17)
		for (const one of [...waiting, holder]) await one?.kill9()
		await home.remove()
	})

	it('is still held by a process that is stopped', async () => {
		const home = await temporaryHome()
		const [one] = await loaded(1)
		expect(await one?.acquire(home.path)).toBe('held')
		one?.child.kill('SIGSTOP')
		await expect(acquireInstance({dir: home.path, home: home.path, started_at})).rejects.toThrow(/^daemon pid/)
		await one?.kill9()
		const lock = await acquireInstance({dir: home.path, home: home.path, started_at})
		await lock.release()
		await home.remove()
	})
})
