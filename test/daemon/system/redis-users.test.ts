import {spawnSync} from 'node:child_process'
import {chmodSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {inspect} from 'node:util'
import {beforeEach, describe, expect, it} from 'vitest'
import {kill} from '../../../src/daemon/client/killing.js'
import {readLatch} from '../../../src/daemon/client/latch.js'
import {redisUserOf, runRedisCli} from '../../../src/daemon/client/redis-cli.js'
import {openState, withState} from '../../../src/daemon/client/state.js'
import {findRedisServer} from '../../../src/daemon/supervision/redis-binary.js'
import {type RedisServer, redisServer} from '../../../src/daemon/supervision/redis-server.js'
import type {Supervisor} from '../../../src/daemon/supervision/supervisor.js'
import {type Home, homeAt, makeHome} from '../../../src/daemon/system/home.js'
import {
	passwordFile,
	REDIS_USERS,
	type RedisLogin,
	type RedisUser,
	redisLogin,
} from '../../../src/daemon/system/redis-login.js'
import {ensureRedisUsers} from '../../../src/daemon/system/redis-users.js'
import {connectRedis} from '../../../src/engine/adapters/redis/connect.js'
import {surveyStreams} from '../../../src/engine/adapters/redis/stream-survey.js'
import {keys} from '../../../src/engine/contracts/keys.js'
import {Naming} from '../../../src/engine/contracts/naming.js'
import {applyPlanManual, governorEvents} from '../../../src/engine/contracts/streams/trade.js'
import {eventually} from '../../support/eventually.js'
import {type Ground, ground} from '../supervision/small-processes.js'

type User = RedisUser | 'default'
const STARTED_MS = 20_000
const naming = new Naming()
const permit = naming.key(keys.permit, {plan_id: 'forged'})
const kill_key = naming.key(keys.kill, {})
const plans = naming.stream(applyPlanManual.name)
const verdicts = naming.stream(governorEvents.name)

let at: Ground
let home: Home
beforeEach(async () => {
	at = await ground()
	home = homeAt(at.home.path)
	makeHome(home)
})

const started = async (): Promise<RedisServer & {supervisor: Supervisor}> => {
	const server = redisServer({
		binary: findRedisServer(process.env),
		data_dir: home.redis,
		socket_dir: home.run,
		log_file: join(home.logs, 'redis.log'),
		users: ensureRedisUsers(home, naming),
		ready: {interval_ms: 20},
	})
	const supervisor = at.supervisor([server.spec])
	await supervisor.recover()
	await supervisor.start()
	await supervisor.waitReady(['redis'], STARTED_MS)
	return {...server, supervisor}
}

const loginOf = (user: User) => (user === 'default' ? undefined : redisLogin(home, user))

/** What each user may (the first word of an error, or nothing), in the order default, reader, operator, host. */
const ALL: readonly User[] = ['default', 'reader', 'operator', 'host']
const row = (may: readonly User[], ...words: readonly [string, ...string[]]) => ({may, words})
const table = [
	row(ALL, 'HGETALL', permit),
	row(ALL, 'XREVRANGE', verdicts, '+', '-'),
	row(ALL, 'SCAN', '0'),
	row(ALL, 'INFO', 'server'),
	row(ALL, 'TIME'),
	row(ALL, 'SET', kill_key, '1'),
	row(['operator', 'host'], 'SET', naming.key(keys.execution, {}), 'ENABLED'),
	row(['operator', 'host'], 'DEL', kill_key),
	row(['operator', 'host'], 'HSET', naming.key(keys.arm, {}), 'armed', '1'),
	row(['operator', 'host'], 'XADD', plans, '*', 'symbol', 'BTCUSDT'),
	row(['operator', 'host'], 'EVAL', 'return 1', '0'),
	row(['reader', 'operator', 'host'], 'EVAL_RO', `return redis.call('XLEN', KEYS[1])`, '1', verdicts),
	row(['host'], 'XADD', verdicts, '*', 'verdict', 'ALLOW'),
	row(['host'], 'HSET', permit, 'verdict', 'ALLOW'),
	row(['host'], 'EVAL', `return redis.call('HSET', '${permit}', 'verdict', 'ALLOW')`, '0'),
	row(['host'], 'XGROUP', 'CREATE', verdicts, 'g', '0', 'MKSTREAM'),
	row(['host'], 'HSET', naming.key(keys.positionSnapshot, {symbol: 'BTCUSDT'}), 'amount', '0'),
	row(['reader', 'operator'], 'CONFIG', 'GET', 'maxmemory'),
	row([], 'SET', 'elsewhere', '1'),
	row([], 'KEYS', '*'),
	row([], 'FLUSHALL'),
	row([], 'CONFIG', 'SET', 'appendonly', 'no'),
	row([], 'ACL', 'SETUSER', 'default', '~*', '+@all'),
	row([], 'ACL', 'LIST'),
	row([], 'FUNCTION', 'FLUSH'),
	row([], 'SCRIPT', 'FLUSH'),
	row([], 'SHUTDOWN'),
	row([], 'MONITOR'),
]

describe('the users of the managed Redis', () => {
	it('may do what they must, and nothing else', {timeout: 60_000}, async () => {
		const {socket_path} = await started()
		const found: typeof table = []
		const connections = new Map(ALL.map(user => [user, connectRedis(`unix:${socket_path}`, loginOf(user))]))
		for (const {words} of table) {
			const may: User[] = []
			for (const [user, redis] of connections) {
				const [name, ...args] = words
				const refusal = await redis.call(name, ...args).then(
					() => '',
					(error: Error) => error.message,
				)
				if (refusal === '') may.push(user)
				else expect(refusal, `${user}: ${words.join(' ')}`).toMatch(/NOPERM|No permissions|can't access/)
			}
			found.push({may, words})
		}
		for (const redis of connections.values()) redis.disconnect()
		expect(found).toEqual(table)
	})

	it('let a bare redis-cli stop the system, and do nothing else to it', async () => {
		const {socket_path} = await started()
		const cli = (...words: string[]) => spawnSync('redis-cli', ['-s', socket_path, ...words], {encoding: 'utf8'}).stdout
		expect(cli('SET', kill_key, '1').trim()).toBe('OK')
		expect(cli('GET', kill_key).trim()).toBe('1')
		expect(cli('HSET', permit, 'verdict', 'ALLOW')).toContain('NOPERM')
		expect(cli('EVAL', `return redis.call('SET', '${kill_key}', '0')`, '0')).toContain('NOPERM')
	})

	it('speak by qt redis as reader unless another is named, without a password among the arguments', async () => {
		await started()
		const run = (...words: string[]) => {
			const {as, args} = redisUserOf(words)
			return runRedisCli(home, args, {env: process.env, capture: true, as})
		}
		expect((await run('ACL', 'WHOAMI')).output.trim()).toBe('reader')
		expect((await run('--as', 'operator', 'ACL', 'WHOAMI')).output.trim()).toBe('operator')
		expect((await run('HSET', permit, 'verdict', 'ALLOW')).exit_code).not.toBe(0)
		expect((await run('--as=host', 'HSET', permit, 'verdict', 'ALLOW')).output.trim()).toBe('1')
		expect(() => redisUserOf(['--as', 'root'])).toThrow(/no user "root"/)
	})

	it('carry a kill, which needs the operator, and reading, which needs the reader', async () => {
		await started()
		const options = {home, mode: 'PAPER', reason: 'drill', now_ms: Date.now, gateways_ms: 100}
		const report = await kill({...options, openVenue: async () => ({kind: 'not-running', detail: 'no venue'})})
		expect(report.steps.find(({name}) => name === 'redis')).toMatchObject({ok: true, detail: 'kill = 1, epoch 1'})
		expect(await withState(home, readLatch)).toMatchObject({killed: true})
		const [survey] = await withState(home, ({bus}) => surveyStreams(bus.redis, [verdicts]))
		expect(survey?.state).toBe('absent')
		await expect(withState(home, ({bus}) => bus.append(verdicts, {verdict: 'ALLOW'}))).rejects.toThrow(
			/does not let its user do this \(NOPERM, user reader\)/,
		)
	})
})

describe('a server that is killed', () => {
	it('comes back with every step that it had acknowledged, and with the same users', {timeout: 60_000}, async () => {
		const {socket_path, supervisor} = await started()
		const host = connectRedis(`unix:${socket_path}`, redisLogin(home, 'host'))
		const script = `redis.call('XADD', KEYS[1], '*', 'n', ARGV[1]) return redis.call('HSET', KEYS[2], 'n', ARGV[1])`
		for (let n = 1; n <= 50; n += 1) await host.eval(script, 2, verdicts, permit, String(n))
		await host.multi().xadd(verdicts, '*', 'n', '51').hset(permit, 'n', '51').exec()
		host.disconnect()
		const [before] = supervisor.status()
		process.kill(before?.pid ?? -1, 'SIGKILL')
		const again = await eventually(
			() => {
				const [now] = supervisor.status()
				return now?.ready && now.pid !== before?.pid ? now : undefined
			},
			{within_ms: STARTED_MS, what: 'the server is back'},
		)
		expect(again.generation).toBeGreaterThan(before?.generation ?? 0)
		const reader = connectRedis(`unix:${socket_path}`, redisLogin(home, 'reader'))
		expect([await reader.xlen(verdicts), await reader.hget(permit, 'n')]).toEqual([51, '51'])
		reader.disconnect()
		const anybody = connectRedis(`unix:${socket_path}`)
		await expect(anybody.hset(permit, 'n', '52')).rejects.toThrow('NOPERM')
		anybody.disconnect()
		expect(readFileSync(join(home.logs, 'redis.log'), 'utf8')).not.toContain('NOPERM')
	})
})

describe('a password that Redis does not know', () => {
	it('stops no kill: it goes on as with Redis down, and says so without telling the password', async () => {
		await started()
		const wrong = 'f'.repeat(64)
		writeFileSync(passwordFile(home, 'operator'), wrong)
		const options = {home, mode: 'PAPER', reason: 'drill', now_ms: Date.now, gateways_ms: 100}
		const report = await kill({...options, openVenue: async () => ({kind: 'not-running', detail: 'no venue'})})
		expect(report.state).toBe('HALTED')
		const step = report.steps.find(({name}) => name === 'redis')
		expect(step?.detail).toMatch(/refuses the password.*the arm file alone holds the kill/)
		expect(JSON.stringify(report)).not.toContain(wrong)
		const error: unknown = await openState(home, {as: 'operator'}).catch((caught: unknown) => caught)
		expect(inspect(error, {depth: 10, showHidden: true})).toContain('WRONGPASS')
		expect(inspect(error, {depth: 10, showHidden: true})).not.toContain(wrong)
	})
})

describe('the passwords', () => {
	it('lie where nobody else reads them, and stay; a file that is gone or broken is drawn anew', () => {
		const first = ensureRedisUsers(home, naming)
		const words = () => REDIS_USERS.map(user => readFileSync(passwordFile(home, user), 'utf8').trim())
		const before = words()
		expect(new Set(before).size).toBe(3)
		for (const word of before) expect(word).toMatch(/^[0-9a-f]{64}$/)
		for (const name of readdirSync(home.access)) {
			expect(statSync(join(home.access, name)).mode & 0o777, name).toBe(0o600)
			chmodSync(join(home.access, name), 0o644)
		}
		const rules = readFileSync(first.acl_file, 'utf8')
		for (const word of before) expect(rules).not.toContain(word)
		expect(ensureRedisUsers(home, naming)).toEqual(first)
		expect(words()).toEqual(before)
		for (const name of readdirSync(home.access)) expect(statSync(join(home.access, name)).mode & 0o777).toBe(0o600)
		rmSync(passwordFile(home, 'host'))
		writeFileSync(passwordFile(home, 'reader'), '')
		const other = ensureRedisUsers(home, naming)
		expect(other.fingerprint).not.toBe(first.fingerprint)
		const [host, operator, reader] = words()
		expect([host === before[0], operator === before[1], reader === before[2]]).toEqual([false, true, false])
	})

	it('change with the files: a server that goes on with the old ones is replaced by the next daemon', async () => {
		const before = await started()
		const old = redisLogin(home, 'host')
		before.supervisor.close()
		rmSync(home.access, {recursive: true})
		const {socket_path} = await started()
		const answer = async (login: RedisLogin | undefined) => {
			const redis = connectRedis(`unix:${socket_path}`, login)
			return redis
				.hset(permit, 'verdict', 'ALLOW')
				.then(
					() => 'written',
					(error: Error) => error.message.split(' ')[0],
				)
				.finally(() => redis.disconnect())
		}
		expect(await answer(redisLogin(home, 'host'))).toBe('written')
		expect(await answer(old)).toBe('WRONGPASS')
	})
})
