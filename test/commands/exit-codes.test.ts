import {mkdirSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {execa} from 'execa'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {z} from 'zod'
import {eventually} from '../support/eventually.js'
import {callQt, program, runQt} from '../support/qt.js'
import {type RunningSystem, startSystem} from '../support/system.js'
import {type TemporaryHome, temporaryHome} from '../support/temporary-home.js'

const LONG_MS = 180_000

const envelope = z.discriminatedUnion('ok', [
	z.strictObject({ok: z.literal(true), code: z.literal(0), data: z.looseObject({})}),
	z.strictObject({
		ok: z.literal(false),
		code: z.number().int().min(1),
		message: z.string().min(1),
		hint: z.string().min(1),
		data: z.unknown().optional(),
	}),
])

/** The one document on stdout, which says the code that the process ends with. */
const asked = async (home: string, words: readonly string[]) => {
	const {stdout, exitCode} = await callQt(home, [...words, '--json'])
	const document = envelope.parse(JSON.parse(stdout))
	expect(document.code, stdout).toBe(exitCode)
	return document
}

/** Both ways: the same code, and the same words for people and machines. */
const both = async (home: string, line: string) => {
	const words = line.split(' ')
	const document = await asked(home, words)
	const plain = await callQt(home, words)
	expect(plain.exitCode, plain.stderr).toBe(document.code)
	expect(`${plain.stdout}${plain.stderr}`).not.toContain('\u001b')
	if (!document.ok) expect(plain.stderr).toBe(`${document.message}\n${document.hint}\n`)
	return document
}

describe.sequential('with nothing running', () => {
	let home: TemporaryHome
	beforeAll(async () => {
		home = await temporaryHome()
	})
	afterAll(() => home.remove())

	it.each([
		['status', 0, ''],
		['registry list', 0, ''],
		['registry show trading_bot', 0, ''],
		['logs', 0, ''],
		['balance', 5, 'the paper venue does not run'],
		['orders', 5, 'the paper venue does not run'],
		['positions', 5, 'the paper venue does not run'],
		['ledger verify', 5, 'the paper venue does not run'],
		['trades', 5, 'there is no trade journal in'],
		['streams', 5, 'Redis is unreachable: the system never ran in'],
		['streams show trade.intent', 5, 'Redis is unreachable'],
		['streams tail trade.intent', 5, 'Redis is unreachable'],
		['streams inspect 30e75f89d3858a1e', 5, 'Redis is unreachable'],
		['trace 30e75f89d3858a1e', 5, 'Redis is unreachable'],
		['governor show', 5, 'Redis is unreachable'],
		['governor init', 5, 'Redis is unreachable'],
		['governor disable', 5, 'Redis is unreachable'],
		['pause', 5, 'Redis is unreachable'],
		['policy show', 0, ''],
		['policy history', 0, ''],
		['exposure', 5, 'Redis is unreachable'],
		['exits BTCUSDT', 5, 'Redis is unreachable'],
		['why BTCUSDT', 5, 'Redis is unreachable'],
		['why BTCUSDT --at 10m', 5, 'Redis is unreachable'],
		['flow', 5, 'Redis is unreachable'],
		['ess', 5, 'Redis is unreachable'],
		['bsc', 5, 'Redis is unreachable'],
		['ess reset --reason seen', 5, 'Redis is unreachable'],
		['mode', 0, ''],
		['universe', 5, 'Redis is unreachable'],
		['limits', 5, 'Redis is unreachable'],
		['order place BTCUSDT --side buy --notional 50 --dry-run', 5, 'Redis is unreachable'],
		['order close BTCUSDT', 5, 'Redis is unreachable'],
		['order cancel BTCUSDT s-1', 5, 'Redis is unreachable'],
		['pnl', 5, 'there is no trade journal in'],
		['pnl --by strategy', 5, 'Redis is unreachable'],
		['redis PING', 5, 'Redis is unreachable'],
		['reset governor', 5, 'no daemon runs on'],
		['restart host-exec', 5, 'no daemon runs on'],
		['logs governor', 5, 'governor has no log yet in'],
		['go', 5, 'no daemon runs on'],
		['go --symbol BTCUSDT', 5, 'Redis is unreachable'],
		['audit log', 0, ''],
		['audit verify', 0, ''],
		['down', 5, 'no daemon runs on'],
		['registry audit --only key-type', 5, 'not everything could be looked at'],
		['registry audit --rules', 0, ''],
		['registry baseline save', 5, 'no baseline was saved'],
		['registry baseline diff', 4, 'no baseline was saved in'],
	])('qt %s ends with %i', async (line, code, message) => {
		const document = await both(home.path, line)
		expect(document.code).toBe(code)
		if (document.ok) return
		expect(document.message).toContain(message)
		expect(document.hint).toMatch(/qt (?:up|status)/)
	})

	it.each([
		['up --stage exce', '--stage exce: expected one of core, state', 'did you mean exec?'],
		['up --mode real', 'Expected --mode=real to be one of: paper, testnet, live', 'qt up --help'],
		['up --market nosuch', '--market nosuch: expected synthetic, candles:<dir>', 'synthetic'],
		['up --speed fast', '--speed fast: expected a number above 0', 'qt up --help'],
		['up --seed -1', '--seed: expected an integer greater than or equal to 0 but received: -1', 'qt up --help'],
		['up --isolate goverrnor', 'unknown unit: goverrnor', 'did you mean governor?'],
		['restart goverrnor', 'unknown unit: goverrnor', 'did you mean governor?'],
		['reset nosuchthing', 'unknown unit: nosuchthing', 'qt registry list'],
		['logs nosuchthing', 'unknown unit or process: nosuchthing', 'qt registry list'],
		['registry show trade.intnet', 'unknown name: trade.intnet', 'did you mean trade.intent?'],
		['registry audit --only foreign-prot', 'unknown rule: foreign-prot', 'did you mean foreign-port?'],
		['policy show --version 9', 'there is no version 9: none', 'qt policy history'],
		['policy check /nosuch.yaml', '/nosuch.yaml cannot be read: ENOENT', 'qt policy show'],
		['policy apply x.yaml', 'Missing required flag reason', 'qt policy apply --help'],
		['ess reset', 'Missing required flag reason', 'qt ess reset --help'],
		['mode real', 'Expected real to be one of: paper, testnet, live', 'qt mode --help'],
		['trace', 'missing: id', 'qt trace --help'],
		['exits', 'missing: symbol', 'qt exits --help'],
		['why', 'missing: symbol', 'qt why --help'],
		['why B!', 'symbol "B!": expected an id of the venue', 'qt universe'],
		['why BTCUSDT --at soon', '--at soon: expected how long ago', '90m'],
		['flow --by weather', 'Expected --by=weather to be one of: reason, strategy, symbol', 'qt flow --help'],
		['flow --minutes 0', '--minutes: expected an integer greater than or equal to 1', 'qt flow --help'],
		['order place BTCUSDT --side buy', 'the size is missing: expected --notional', 'qt order place --help'],
		['order place BTCUSDT --side buy --notional -5', '--notional -5: expected a decimal number', 'qt order place'],
		['order close BTCUSDT --quantity abc', '--quantity abc: expected a decimal number', 'qt order close --help'],
		['order close BTCUSDT --quantity 0', '--quantity 0: expected a decimal number', 'qt order close --help'],
		['order place BTCUSDT --side up --notional 5', '--side=up to be one of: buy, sell', 'qt order place --help'],
		['logs --follow --lines', 'Flag --lines expects a value', 'qt logs --help'],
		['kill --symbol a:b', '--symbol "a:b": expected an id of the venue, such as BTCUSDT', 'qt positions'],
		['kill --drill --symbol BTCUSDT', '--symbol=BTCUSDT cannot also be provided when using --drill', 'qt kill --help'],
		['kil', 'unknown command: qt kil', 'did you mean qt kill?'],
		['registry nosuch', 'unknown command: qt registry nosuch', 'qt'],
	])('qt %s is a usage error that says what was expected', async (line, message, hint) => {
		const document = await both(home.path, line)
		if (document.ok) throw new Error(`${line} succeeded`)
		expect(document.code).toBe(2)
		expect(document.message).toContain(message)
		expect(document.message).not.toContain('\n')
		expect(document.hint).toContain(hint)
	})

	const strict = ['balance', 'down', 'go', 'kill', 'logs', 'orders', 'positions', 'reset x', 'restart x', 'status']
	strict.push(
		'streams',
		'streams show x',
		'streams tail x',
		'streams inspect x y',
		'trace x',
		'trades',
		'up',
		'governor init',
		'governor show',
		'ledger verify',
	)
	strict.push('policy show', 'policy check x', 'policy diff', 'policy history')
	strict.push('policy import-env', 'policy apply x --reason y', 'policy rollback 1 --reason y')
	strict.push('order place X --side buy --notional 5', 'order close X', 'order cancel X y')
	strict.push('pause', 'resume', 'governor enable', 'governor disable')
	strict.push('registry list', 'registry show x', 'exposure', 'exits X', 'pnl', 'limits', 'universe')
	strict.push('why X', 'flow', 'ess', 'ess reset --reason y', 'mode', 'audit log', 'audit verify')
	strict.push('registry audit', 'registry baseline save', 'registry baseline diff')
	it('every command refuses a flag that it does not have', async () => {
		for (const line of strict) {
			const answer = await asked(home.path, [...line.split(' '), '--nope'])
			expect(answer, line).toMatchObject({code: 2, message: 'Nonexistent flag: --nope'})
		}
	})

	it.each([
		'policy history',
		'registry list --json',
		'balance --json',
		'streams',
		'trace',
		'up --mode real --json',
		'kil',
		'registry nosuch --json',
		'kill --nope',
	])('qt %s says the same in a process of its own as in ours', async line => {
		const words = line.split(' ')
		const {stdout, stderr, exitCode} = await runQt(home.path, words)
		expect(await callQt(home.path, words)).toEqual({stdout, stderr, exitCode})
	})

	it('a market that cannot be opened fails at once, with the reason', {timeout: LONG_MS}, async () => {
		const folder = join(home.path, 'candles')
		mkdirSync(folder)
		writeFileSync(join(folder, 'BTCUSDT.csv'), 'open_time,open,high,low,close,volume\n1,2,oops,4,5,6\n')
		const market = ['--market', `candles:${folder}`, '--symbols', 'BTCUSDT']
		const words = ['up', '--ports', 'ephemeral', ...market]
		const answer = await asked(home.path, words)
		await asked(home.path, ['down'])
		expect(answer).toMatchObject({
			ok: false,
			code: 1,
			message: expect.stringMatching(/exited with code 2.*Correct the files/),
		})
		if (!answer.ok) expect(answer.hint).toContain('qt reset paper-exchange')
	})

	it('a kill is confirmed when nothing can be sent, and stays', async () => {
		const first = await asked(home.path, ['kill', '--reason', 'a drill'])
		expect(first).toMatchObject({ok: true, data: {state: 'HALTED', reason: 'a drill'}})
		const status = await asked(home.path, ['status'])
		expect(status).toMatchObject({data: {kill: true, arm: {armed: false, reason: 'a drill'}}})
	})
})

describe.sequential('with a running system', () => {
	let system: RunningSystem
	beforeAll(async () => {
		// Slow, so that the commands and not the market have the machine.
		system = await startSystem({settings: {speed: 20}})
	}, LONG_MS)
	afterAll(() => system?.stop(), LONG_MS)

	const text = z.string().min(1)
	const unit = z.looseObject({name: text, target: text, state: text, pid: z.number().nullable()})
	const rows = z.array(z.looseObject({}))
	it.each([
		[
			'status',
			z.looseObject({
				mode: z.literal('PAPER'),
				kill: z.boolean(),
				stages: z.array(z.looseObject({name: text, open: z.literal(true)})).min(7),
				units: z.array(unit).min(10),
				venue: z.looseObject({rest: z.url(), ws: z.url()}),
				redis: z.looseObject({url: text, pid: z.number()}),
			}),
		],
		['orders --all', z.looseObject({orders: rows, results: rows})],
		['trades', z.looseObject({trades: rows, sums: z.looseObject({trades: z.number()})})],
		['positions', z.looseObject({positions: rows})],
		['registry list', z.looseObject({units: z.array(z.looseObject({name: text, aliases: z.array(text)})).min(10)})],
		['balance', z.looseObject({equity_usdt: text, balances: rows.min(1)})],
		['streams', z.looseObject({streams: z.array(z.looseObject({stream: text, length: z.number()})).min(10)})],
		['governor show', z.looseObject({mode: z.literal('PAPER'), execution: z.literal('ENABLED')})],
		['ledger verify', z.looseObject({ok: z.literal(true), differences: rows.max(0)})],
		['logs redis', z.looseObject({lines: z.array(z.looseObject({process: z.literal('redis'), line: text})).min(1)})],
		['universe', z.looseObject({open: z.number().min(1), symbols: rows.min(1)})],
		[
			'ess',
			z.looseObject({state: z.literal('NORMAL'), stale: z.literal(false), equity_usdt: text, rules: rows.min(5)}),
		],
		['mode', z.looseObject({mode: z.literal('PAPER'), state: z.literal('UP'), modes: rows.min(3)})],
		['exits BTCUSDT', z.looseObject({symbol: z.literal('BTCUSDT'), open: z.boolean()})],
		['redis PING', z.looseObject({output: z.literal('PONG\n')})],
	])('qt %s ends with 0 and says it as data', {timeout: LONG_MS}, async (line, data) => {
		const document = await eventually(
			async () => {
				const answer = await asked(system.home.root, line.split(' '))
				if (!answer.ok) throw new Error(answer.message)
				return answer
			},
			{within_ms: 30_000, every_ms: 500, what: `qt ${line} finds everything in order`},
		)
		data.parse(document.data)
	})

	it.each([
		['trace 0000000000000000', 1, 'no entry of any stream names 0000000000000000'],
		['restart goverrnor', 2, 'unknown unit or process: goverrnor'],
		['up --speed 5', 6, 'runs with speed 20 (asked for: 5)'],
		['mode testnet', 6, 'its mode cannot change while it runs'],
		['exits BTCUSTD', 2, 'unknown symbol: BTCUSTD'],
		['redis NOPE', 1, "unknown command 'NOPE'"],
	])('qt %s ends with %i', async (line, code, message) => {
		const document = await asked(system.home.root, line.split(' '))
		expect(document).toMatchObject({ok: false, code, message: expect.stringContaining(message)})
	})

	it('a reader that leaves early is no error', async () => {
		const script = '{ "$0" "$1" streams; echo "ended $?" >&2; } | true'
		const {stderr} = await execa('sh', ['-c', script, process.execPath, program], {env: {QT_HOME: system.home.root}})
		expect(stderr).toMatch(/ended [03]$/)
		expect(stderr).not.toMatch(/EPIPE|node:|\.js:/)
	})
})
