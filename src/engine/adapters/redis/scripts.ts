import {createHash} from 'node:crypto'
import {readFileSync} from 'node:fs'
import type {Redis} from 'ioredis'
import {ScriptFailed} from '../../bus/bus.js'
import type {ScriptContract} from '../../contracts/script.js'

const commitSource = readFileSync(new URL('./commit.lua', import.meta.url), 'utf8')
const idOrder = readFileSync(new URL('./stream-id.lua', import.meta.url), 'utf8')
const trimSource = readFileSync(new URL('./trim.lua', import.meta.url), 'utf8')
const readSource = readFileSync(new URL('./read.lua', import.meta.url), 'utf8')
const quietSource = readFileSync(new URL('./quiet.lua', import.meta.url), 'utf8')
const reapSource = readFileSync(new URL('./reap.lua', import.meta.url), 'utf8')
const replaySource = readFileSync(new URL('./replay.lua', import.meta.url), 'utf8')
const surveySource = readFileSync(new URL('./survey.lua', import.meta.url), 'utf8')
const recountSource = readFileSync(new URL('./recount.lua', import.meta.url), 'utf8')
const leaseSource = readFileSync(new URL('./lease.lua', import.meta.url), 'utf8')
const PLAIN_COMMIT = "local function decide() return 'committed', {} end"

const strict = (entries: readonly string[]): string =>
	`setmetatable({${entries.join(', ')}}, {__index = function(_, name) error('undeclared name: ' .. tostring(name)) end})`
const quoted = (texts: readonly string[]): string => texts.map(text => `'${text}'`).join(', ')

/** Checks an answer against the contract before the branch is carried out. */
const promiseOf = ({outcomes}: ScriptContract): string => {
	const promised = Object.entries(outcomes).map(([outcome, names]) => `['${outcome}'] = {${quoted(names)}}`)
	return `local promised = {${promised.join(', ')}}
local undecided = decide
local function decide(key, arg)
  local outcome, reply = undecided(key, arg)
  if not promised[outcome] then error('outcome is not in the contract: ' .. tostring(outcome)) end
  for _, name in ipairs(promised[outcome]) do
    if reply[name] == nil then error('no value for ' .. name .. ' with ' .. outcome) end
  end
  return outcome, reply
end`
}

/** Names instead of positions: the contract writes the Lua tables, so the two cannot disagree. */
const preludeOf = (script: ScriptContract): string =>
	[
		`local key = ${strict(Object.keys(script.keys).map((name, index) => `${name} = KEYS[${index + 1}]`))}`,
		`local function arguments_of(value) return ${strict(script.args.map((name, index) => `${name} = value[${index + 1}]`))} end`,
		readFileSync(script.source, 'utf8'),
		promiseOf(script),
	].join('\n')

export type Compiled = Readonly<{name: string; lua: string; sha: string}>
const compile = (name: string, lua: string): Compiled => ({
	name,
	lua,
	sha: createHash('sha1').update(lua).digest('hex'),
})
const plain = compile(
	'commit',
	`local key = {}\nlocal function arguments_of() return {} end\n${PLAIN_COMMIT}\n${commitSource}`,
)
export const trimScript = compile('trim', idOrder + trimSource)
export const readScript = compile('read', readSource)
export const quietScript = compile('quiet', idOrder + quietSource)
export const leaseScript = compile('lease', leaseSource)
export const reapScript = compile('reap', reapSource)
export const surveyScript = compile('survey', idOrder + surveySource)
export const recountScript = compile('recount', recountSource)
export const replayScript = compile('replay', idOrder + replaySource)
const compiled = new WeakMap<ScriptContract, Compiled>()

const compiledOf = (script: ScriptContract | undefined): Compiled => {
	if (!script) return plain
	const known = compiled.get(script)
	if (known) return known
	const fresh = compile(script.name, `${preludeOf(script)}\n${commitSource}`)
	compiled.set(script, fresh)
	return fresh
}

/** Runs a script by its hash, loading it when the server does not have it. */
export const runScript = async (
	redis: Redis,
	{lua, sha}: Compiled,
	keys: readonly string[],
	argv: readonly string[],
): Promise<unknown> => {
	try {
		return await redis.evalsha(sha, keys.length, ...keys, ...argv)
	} catch (error) {
		if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error
		return await redis.eval(lua, keys.length, ...keys, ...argv)
	}
}

export type ScriptCall = Readonly<{keys: readonly string[]; argv: readonly string[]}>
const isUnknownScript = (reply: unknown): boolean => reply instanceof Error && reply.message.startsWith('NOSCRIPT')

/**
 * Runs a script that only reads several times in one round trip, as also a user may who only reads.
 * @returns a reply per call, in their order; an error in its place where the server refused one
 */
export const runScripts = async (
	redis: Redis,
	{lua, sha}: Compiled,
	calls: readonly ScriptCall[],
): Promise<readonly unknown[]> => {
	const once = async (): Promise<readonly unknown[]> => {
		const pipeline = redis.pipeline()
		for (const {keys, argv} of calls) pipeline.call('EVALSHA_RO', sha, keys.length, ...keys, ...argv)
		return ((await pipeline.exec()) ?? []).map(([error, reply]) => error ?? reply)
	}
	const replies = await once()
	if (!replies.some(isUnknownScript)) return replies
	await redis.script('LOAD', lua)
	return once()
}

/** How the server words an error that Lua itself raised, unlike one that a command answered. */
const LUA_ERROR = /^(ERR )?user_script:\d+: /

/**
 * Runs commit.lua, with the script's decision in it or plain.
 * @throws ScriptFailed when Lua raised an error.
 */
export const runCommit = async (
	redis: Redis,
	script: ScriptContract | undefined,
	keys: readonly string[],
	list: string,
): Promise<readonly string[]> => {
	try {
		return (await runScript(redis, compiledOf(script), keys, [list])) as string[]
	} catch (error) {
		if (error instanceof Error && LUA_ERROR.test(error.message)) throw new ScriptFailed(script?.name ?? 'commit', error)
		throw error
	}
}
