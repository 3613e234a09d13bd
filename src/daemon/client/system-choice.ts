import {existsSync, statSync} from 'node:fs'
import {resolve} from 'node:path'
import {isDeepStrictEqual} from 'node:util'
import type {Mode} from '../../engine/contracts/mode.js'
import {OperatorError} from '../../engine/errors.js'
import {EXIT_CODES} from '../../engine/exit-codes.js'
import {closestName} from '../supervision/closest-name.js'
import {parseSettings, type Settings, type SettingsInput} from '../system/settings.js'
import type {DaemonStatus} from './control-api.js'
import {spanMs} from './time-span.js'

/** What `qt up` may be told; left out means: as stored, else the default. */
export type SystemChoice = Readonly<{
	mode?: Mode | undefined
	market?: string | undefined
	seed?: number | undefined
	/** Mend recorded candles instead of refusing them. */
	repair?: boolean | undefined
	speed?: number | 'lockstep' | undefined
	warmup?: boolean | undefined
	symbols?: readonly string[] | undefined
	ports?: number | 'ephemeral' | undefined
	journal?: boolean | undefined
	isolate?: readonly string[] | undefined
}>

/** Times real time for a synthetic market that somebody watches: closed trades within minutes. */
export const WATCHED_SPEED = 600
const PLAIN_SPEED = 1
const WARMUP_CANDLES = 300

const usage = (message: string, hint: string): OperatorError =>
	new OperatorError(message, {exit_code: EXIT_CODES.usage, hint})

const existing = (kind: 'candles' | 'tape', path: string): string => {
	const full = resolve(path)
	if (path === '')
		throw usage(
			`--market ${kind}: names no ${kind === 'tape' ? 'file' : 'directory'}`,
			`write it as --market ${kind}:<path>`,
		)
	const wanted = kind === 'tape' ? 'file' : 'directory'
	const found = existsSync(full) && (kind === 'tape' ? statSync(full).isFile() : statSync(full).isDirectory())
	if (!found)
		throw usage(
			`--market ${kind}: there is no ${wanted} ${full}`,
			`give a ${wanted} with recorded ${kind === 'tape' ? 'trades' : 'klines-1m'}`,
		)
	return full
}

const MARKETS = ['synthetic', 'candles', 'tape', 'live'] as const

/** Venue time after which a synthetic market ends, such as `24h`. */
const lengthOf = (text: string): number => {
	const span = spanMs(text)
	if (span !== undefined) return span
	throw usage(
		`--market synthetic:${text}: expected how long it lasts`,
		'write it such as 90m, 24h or 7d; without a length it has no end',
	)
}

/** `synthetic[:<length>]`, `candles:<dir>`, `tape:<file>` or `live`. @throws OperatorError (usage) */
export const parseMarket = (text: string): SettingsInput['market'] => {
	const [kind = '', ...rest] = text.split(':')
	const path = rest.join(':')
	if (kind === 'synthetic') return rest.length === 0 ? {kind} : {kind, duration_ms: lengthOf(path)}
	if (kind === 'live') return {kind}
	if (kind === 'candles') return {kind, dir: existing(kind, path)}
	if (kind === 'tape') return {kind, file: existing(kind, path)}
	const near = closestName(kind, MARKETS)
	throw usage(
		`--market ${text}: expected synthetic, candles:<dir>, tape:<file> or live`,
		near ? `did you mean ${near}?` : 'the default is synthetic',
	)
}

const mended = (market: SettingsInput['market'], repair: boolean): SettingsInput['market'] => {
	if (market?.kind !== 'candles')
		throw usage(`--repair belongs to recorded candles, not to ${market?.kind ?? 'synthetic'}`, 'leave --repair out')
	return {...market, on_bad: repair ? 'repair' : 'refuse'}
}

const marketOf = ({market, seed, repair}: SystemChoice, stored: Settings | undefined): SettingsInput['market'] => {
	const named = market === undefined ? undefined : parseMarket(market)
	// The same market goes on where it stopped: what the daemon filled in, such as its first instant, is kept.
	const same = named !== undefined && named.kind === stored?.market.kind
	const found = same ? {...stored?.market, ...named} : (named ?? stored?.market)
	const chosen = repair === undefined ? found : mended(found, repair)
	if (seed === undefined) return chosen
	const of = chosen ?? {kind: 'synthetic' as const}
	if (of.kind !== 'synthetic')
		throw usage(`--seed belongs to the synthetic market, not to ${of.kind}`, 'leave --seed out')
	return {...of, kind: 'synthetic', seed}
}

/** Stored speeds that somebody chose are kept; a watched synthetic market is not left at real time. */
const speedOf = (
	{speed}: SystemChoice,
	stored: Settings | undefined,
	market: string,
	watched: boolean,
): Settings['speed'] => {
	if (speed !== undefined) return speed
	if (stored && stored.speed !== PLAIN_SPEED && stored.market.kind === market) return stored.speed
	return watched && market === 'synthetic' ? WATCHED_SPEED : PLAIN_SPEED
}

/** Flags over what is stored over defaults, checked. @throws OperatorError (usage) naming the field */
export const settingsFor = (choice: SystemChoice, stored: Settings | undefined, watched: boolean): Settings => {
	const market = marketOf(choice, stored)
	const mode = choice.mode ?? stored?.mode
	const {symbols, ports, journal, isolate, warmup} = choice
	if (choice.speed !== undefined && mode !== undefined && mode !== 'PAPER')
		throw usage(`--speed ${choice.speed}: the venue of ${mode} runs at its own speed`, 'leave --speed out')
	const speed =
		mode === undefined || mode === 'PAPER' ? speedOf(choice, stored, market?.kind ?? 'synthetic', watched) : PLAIN_SPEED
	if (speed !== PLAIN_SPEED && market?.kind === 'live')
		throw usage(`--speed ${speed}: the live market runs at its own speed`, 'leave --speed out')
	return parseSettings(
		{
			...stored,
			...(mode && {mode}),
			...(market && {market}),
			speed,
			...(symbols && {symbols: [...symbols]}),
			...(ports !== undefined && {ports}),
			...(journal !== undefined && {journal}),
			...(isolate && {isolate: [...isolate]}),
			...(warmup !== undefined && {warmup_candles: warmup ? WARMUP_CANDLES : 0}),
		},
		'the settings from these flags',
	)
}

/** Names of settings that the flags would change, with what runs. */
const FIXED = ['mode', 'market', 'speed', 'symbols', 'ports', 'journal', 'isolate', 'warmup_candles'] as const

/** @throws OperatorError (refused) when the flags ask a running daemon to be another system. */
export const refuseChanges = (wanted: Settings, running: Settings, status: DaemonStatus): void => {
	const changed = FIXED.filter(name => !isDeepStrictEqual(wanted[name], running[name]))
	if (changed.length === 0) return
	const shown = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value))
	const told = changed.map(name => `${name} ${shown(running[name])} (asked for: ${shown(wanted[name])})`).join(', ')
	throw new OperatorError(`the daemon (pid ${status.pid}) runs with ${told}`, {
		exit_code: EXIT_CODES.refused,
		hint: 'stop it first: qt down; or leave the flags out to attach to it',
	})
}
