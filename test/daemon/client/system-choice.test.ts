import {mkdirSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {
	parseMarket,
	refuseChanges,
	type SystemChoice,
	settingsFor,
	WATCHED_SPEED,
} from '../../../src/daemon/client/system-choice.js'
import {choiceOf} from '../../../src/daemon/client/system-flags.js'
import {parseStage} from '../../../src/daemon/client/up.js'
import {parseSettings, type Settings} from '../../../src/daemon/system/settings.js'
import {EXIT_CODES} from '../../../src/engine/exit-codes.js'
import {type TemporaryHome, temporaryHome} from '../../support/temporary-home.js'
import {statusOf} from './system-fixture.js'

let place: TemporaryHome
beforeAll(async () => {
	place = await temporaryHome()
	mkdirSync(join(place.path, 'klines'))
	writeFileSync(join(place.path, 'tape.csv'), '')
})
afterAll(() => place.remove())

const defaults = parseSettings({}, 'test')
const stored = (of: Partial<Settings>): Settings => ({...defaults, ...of})

describe('flags over what is stored over defaults', () => {
	it.each<[string, SystemChoice, Settings | undefined, boolean, Partial<Settings>]>([
		['nothing', {}, undefined, false, {mode: 'PAPER', speed: 1}],
		['a watched first start', {mode: 'PAPER'}, undefined, true, {speed: WATCHED_SPEED}],
		['a watched start after one at real time', {}, defaults, true, {speed: WATCHED_SPEED}],
		['a watched start after a chosen speed', {}, stored({speed: 60}), true, {speed: 60}],
		['a speed', {speed: 5}, stored({speed: 60}), true, {speed: 5}],
		['lock-step', {speed: 'lockstep'}, undefined, false, {speed: 'lockstep'}],
		['the live market', {market: 'live'}, stored({speed: 60}), true, {speed: 1}],
		['another mode than paper', {mode: 'TESTNET'}, stored({speed: 60}), true, {mode: 'TESTNET', speed: 1}],
		['a seed', {seed: 7}, undefined, false, {market: {kind: 'synthetic', seed: 7}}],
		[
			'recorded candles to be repaired',
			{repair: true},
			stored({market: {kind: 'candles', dir: '/klines'}}),
			false,
			{market: {kind: 'candles', dir: '/klines', on_bad: 'repair'}},
		],
		['what is stored', {}, stored({symbols: ['BTCUSDT'], ports: 100}), false, {symbols: ['BTCUSDT'], ports: 100}],
		['no warm-up', {warmup: false}, undefined, false, {warmup_candles: 0}],
		[
			'the same market again',
			{market: 'synthetic'},
			stored({market: {kind: 'synthetic', seed: 3, start_ms: 5}}),
			false,
			{market: {kind: 'synthetic', seed: 3, start_ms: 5}},
		],
	])('%s', (_, choice, before, watched, expected) => {
		expect(settingsFor(choice, before, watched)).toMatchObject(expected)
	})

	it.each<[string, SystemChoice, string]>([
		['a seed for candles', {market: 'live', seed: 1}, '--seed belongs to the synthetic market'],
		['repairing what is not recorded', {repair: true}, '--repair belongs to recorded candles, not to synthetic'],
		['a speed for the live market', {market: 'live', speed: 10}, 'the live market runs at its own speed'],
		['a speed for a real venue', {mode: 'LIVE', speed: 10}, 'the venue of LIVE runs at its own speed'],
		['a speed beyond the limit', {speed: 1e9}, 'speed'],
		['no symbols', {symbols: []}, 'symbols'],
	])('%s is refused', (_, choice, message) => {
		expect(() => settingsFor(choice, undefined, false)).toThrow(
			expect.objectContaining({exit_code: EXIT_CODES.usage, message: expect.stringContaining(message)}),
		)
	})
})

describe('--market', () => {
	it('takes paths that exist, and makes them whole', () => {
		expect(parseMarket('synthetic:90m')).toEqual({kind: 'synthetic', duration_ms: 5_400_000})
		expect(parseMarket(`candles:${place.path}/klines`)).toEqual({kind: 'candles', dir: join(place.path, 'klines')})
		expect(parseMarket(`tape:${place.path}/tape.csv`)).toEqual({kind: 'tape', file: join(place.path, 'tape.csv')})
	})

	it.each([
		['sinthetic', 'did you mean synthetic?'],
		['synthetic:soon', 'such as 90m, 24h or 7d'],
		['candles', 'write it as --market candles:<path>'],
		['candles:/nowhere', 'give a directory'],
		['tape:/', 'give a file'],
	])('%s is refused with a remedy', (text, hint) => {
		expect(() => parseMarket(text)).toThrow(
			expect.objectContaining({exit_code: EXIT_CODES.usage, hint: expect.stringContaining(hint)}),
		)
	})
})

describe('flags', () => {
	it('are read into a choice', () => {
		expect(
			choiceOf({mode: 'paper', speed: '60x', symbols: 'btcusdt, 币安人生USDT,BTCUSDT', ports: 'ephemeral'}),
		).toMatchObject({
			mode: 'PAPER',
			speed: 60,
			symbols: ['BTCUSDT', '币安人生USDT'],
			ports: 'ephemeral',
		})
	})

	it.each([{speed: 'fast'}, {speed: '-1'}, {speed: 'NaN'}, {ports: '-4'}, {ports: '1.5'}, {symbols: 'A,,B'}])(
		'%j is refused',
		flags => {
			expect(() => choiceOf(flags)).toThrow(expect.objectContaining({exit_code: EXIT_CODES.usage}))
		},
	)

	it('name the nearest stage', () => {
		expect(parseStage('exec')).toBe('exec')
		expect(() => parseStage('exce')).toThrow(expect.objectContaining({hint: 'did you mean exec?'}))
	})
})

describe('a running daemon', () => {
	it('is not changed', () => {
		const running = stored({speed: 600})
		expect(() => refuseChanges(running, running, statusOf())).not.toThrow()
		expect(() => refuseChanges({...running, speed: 5, mode: 'LIVE'}, running, statusOf())).toThrow(
			expect.objectContaining({
				exit_code: EXIT_CODES.refused,
				message: 'the daemon (pid 4242) runs with mode PAPER (asked for: LIVE), speed 600 (asked for: 5)',
			}),
		)
	})
})
