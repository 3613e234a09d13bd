import {readFile, rm} from 'node:fs/promises'
import {join} from 'node:path'
import {afterEach, beforeEach, describe, expect, it} from 'vitest'
import {type FakeProject, fakeProject} from './fake-project.js'

const asUser = (uid: number) => `process.getuid = () => ${uid}`
const onDebian = (uid: number) => `Object.defineProperty(process, 'platform', {value: 'linux'}); ${asUser(uid)}`

let project: FakeProject
beforeEach(async () => {
	project = await fakeProject()
})
afterEach(() => project.remove())

/** A fake apt-get that keeps a record and, when asked for `name`, does what `effect` says. */
const aptGet = (name: string, effect: string) =>
	project.tool('apt-get', `echo "apt-get $*" >>"${project.root}/record"\ncase "$*" in *" ${name}") ${effect} ;; esac`)

/** Shell that puts a program on the fake PATH, as a package would. */
const puts = (program: string) =>
	`printf '#!/bin/sh\\necho "Redis server v=7.2.4"\\n' >"${project.tools}/${program}"; /bin/chmod +x "${project.tools}/${program}"`

const withoutOptions = (lines: string[]) => lines.map(line => line.replace(/ -qq| -o \S+/g, ''))

describe('finding a server', () => {
	beforeEach(() => rm(join(project.tools, 'redis-server')))

	it.each([
		['redis-server', 'Redis server v=7.0.15 sha=0'],
		['valkey-server', 'Valkey server v=8.0.1 sha=0'],
	])('takes %s on PATH', async (name, answer) => {
		await project.tool(name, `echo "${answer}"`)
		expect(await project.bootstrap(['start'])).toMatchObject({exitCode: 0})
	})

	it('takes QT_REDIS_BIN before PATH', async () => {
		await project.tool('redis-server', 'echo "Redis server v=6.0.16"')
		await project.tool('mine', 'echo "Redis server v=7.4.0"')
		const env = {PATH: project.tools, QT_REDIS_BIN: join(project.tools, 'mine')}
		expect(await project.bootstrap(['start'], {env})).toMatchObject({exitCode: 0})
	})

	it('refuses a QT_REDIS_BIN that is no program, naming it', async () => {
		const run = await project.bootstrap(['start'], {env: {PATH: project.tools, QT_REDIS_BIN: '/nowhere/redis'}})
		expect(run).toMatchObject({exitCode: 5, stdout: ''})
		expect(run.stderr).toContain('QT_REDIS_BIN is /nowhere/redis, which is not an executable file')
		expect(run.stderr).toContain('unset QT_REDIS_BIN')
	})

	it.each([
		['an old server', 'echo "Redis server v=6.0.16"', 'is Redis 6.0.16; 7.0 or newer is needed'],
		['something else', 'echo hello', 'is not a Redis server'],
		['a broken one', 'exit 1', 'is not a Redis server'],
	])('refuses %s', async (_, script, message) => {
		await project.tool('redis-server', script)
		const run = await project.bootstrap(['test'])
		expect(run).toMatchObject({exitCode: 5, stdout: ''})
		expect(run.stderr).toContain(`${project.tools}/redis-server ${message}`)
	})

	it('is not needed for a build', async () => {
		expect(await project.bootstrap(['build'])).toMatchObject({exitCode: 0})
	})
})

describe('without a server', () => {
	const aptCommand = 'apt-get update && apt-get install -y --no-install-recommends redis-server'
	const aptWithSudo = 'sudo apt-get update && sudo apt-get install -y --no-install-recommends redis-server'
	beforeEach(() => rm(join(project.tools, 'redis-server')))

	it.each([
		{manager: undefined, uid: 1000, command: 'export QT_REDIS_BIN=/path/to/redis-server'},
		{manager: 'dnf', uid: 1000, command: 'sudo dnf install -y redis'},
		{manager: 'apk', uid: 0, command: 'apk add redis'},
		{manager: 'pacman', uid: 0, command: 'pacman -S --noconfirm valkey'},
		{manager: 'apt-get', uid: 1000, command: aptWithSudo},
	])('and with $manager as user $uid it names the exact command and exits 5', async ({manager, uid, command}) => {
		if (manager) await project.tool(manager, `echo ran >>"${project.root}/record"`)
		const run = await project.bootstrap(['start'], {preload: onDebian(uid)})
		expect(run).toMatchObject({exitCode: 5, stdout: ''})
		expect(String(run.stderr).split('run: ').at(-1)).toBe(command)
		expect(await project.record()).toEqual([])
	})

	it('names brew on a Mac that lacks it', async () => {
		const preload = `Object.defineProperty(process, 'platform', {value: 'darwin'})`
		const run = await project.bootstrap(['start'], {preload})
		expect(run).toMatchObject({exitCode: 5})
		expect(run.stderr).toContain('run: brew install redis')
	})

	it('installs it by brew on a Mac', async () => {
		await project.tool('brew', `echo "brew $*" >>"${project.root}/record"; ${puts('redis-server')}`)
		const preload = `Object.defineProperty(process, 'platform', {value: 'darwin'})`
		expect(await project.bootstrap(['start'], {preload})).toMatchObject({exitCode: 0})
		expect(await project.record()).toEqual(['brew install redis', 'ci', 'run --silent build'])
	})

	it('gives up on a sudo that would ask', async () => {
		await aptGet('none', '')
		await project.tool('sudo', 'echo "sudo: a password is required" >&2; exit 1')
		const run = await project.bootstrap(['start'], {preload: onDebian(1000)})
		expect(run).toMatchObject({exitCode: 5})
		expect(run.stderr).toContain(`run: ${aptWithSudo}`)
		expect(await project.record()).toEqual([])
	})

	it('installs by apt as root the package that starts no service, linking the server in it', async () => {
		await aptGet('redis-tools', puts('redis-check-rdb'))
		await project.tool('ln', `echo "ln $*" >>"${project.root}/record"; ${puts('redis-server')}`)
		const run = await project.bootstrap(['start'], {preload: onDebian(0)})
		expect(run, String(run.stderr)).toMatchObject({exitCode: 0})
		expect(withoutOptions(await project.record())).toEqual([
			'apt-get update',
			'apt-get install -y --no-install-recommends redis-tools',
			`ln -sf ${project.tools}/redis-check-rdb /usr/local/bin/redis-server`,
			'ci',
			'run --silent build',
		])
	})

	it('installs by apt through a sudo that does not ask', async () => {
		await aptGet('redis-tools', puts('redis-server'))
		await project.tool('sudo', `echo "sudo $*" >>"${project.root}/record"; shift; [ "$1" = true ] || exec "$@"`)
		const run = await project.bootstrap(['start'], {preload: onDebian(1000)})
		expect(run, String(run.stderr)).toMatchObject({exitCode: 0})
		const record = (await readFile(join(project.root, 'record'), 'utf8')).split('\n')
		expect(record[0]).toBe('sudo -n true')
		expect(record[1]).toMatch(/^sudo -n env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get .* update$/)
	})

	it('installs redis-server where redis-tools holds no server, even when the lists cannot be fetched', async () => {
		await aptGet('redis-server', `${puts('redis-server')} ;; *update) exit 100`)
		const run = await project.bootstrap(['start'], {preload: onDebian(0)})
		expect(run, String(run.stderr)).toMatchObject({exitCode: 0})
		expect(run.stderr).toContain('apt-get update failed')
		expect(withoutOptions(await project.record()).slice(0, 3)).toEqual([
			'apt-get update',
			'apt-get install -y --no-install-recommends redis-tools',
			'apt-get install -y --no-install-recommends redis-server',
		])
	})

	it('names the command when apt fails or brings no server', async () => {
		await project.tool('apt-get', 'exit 100')
		const failed = await project.bootstrap(['start'], {preload: onDebian(0)})
		expect(failed).toMatchObject({exitCode: 5, stdout: ''})
		expect(failed.stderr).toContain('apt-get ended with 100')
		expect(String(failed.stderr).split('run: ').at(-1)).toBe(aptCommand)

		await project.tool('apt-get', 'exit 0')
		const empty = await project.bootstrap(['start'], {preload: onDebian(0)})
		expect(empty).toMatchObject({exitCode: 5, stdout: ''})
		expect(empty.stderr).toContain('no redis-server is on PATH')
	})
})
