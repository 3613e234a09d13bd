import {describe, expect, it, test} from 'vitest'
import {defaultPolicy, type Policy, policyFields} from '../../../src/engine/contracts/policy.js'
import {FORMER_NAMES, readFormer} from '../../../src/engine/logic/former-environment.js'

const paper = {tighten_only: false, whole: false}
const live = {tighten_only: true, whole: false}

test('every former name that is read means a field of the policy', () => {
	const known = policyFields.map(({path}) => path.join('.'))
	const meant = Object.values(FORMER_NAMES).flatMap(former => ('path' in former ? [former.path.join('.')] : []))
	expect(meant.filter(path => !known.includes(path))).toEqual([])
})

describe('the former environment', () => {
	it.each<[Record<string, string>, Partial<Policy>]>([
		[{GOV_MAX_OPEN_POSITIONS: '7'}, {positions_max: 7}],
		[{GOV_SYMBOL_COOLDOWN_SECONDS: '90'}, {cooldown_ms: 90_000}],
		[{TRAILING_STOP_PCT: '2.5%'}, {exit_monitor: {...defaultPolicy.exit_monitor, trailing: 0.025}}],
		[{TRAILING_STOP_PCT: '1.1'}, {exit_monitor: {...defaultPolicy.exit_monitor, trailing: 0.011}}],
		[
			{HARVEST_MIN_R: '0.7', HARVEST_MAX_ACTIONS_PER_MIN: '12', HARVEST_SCAN_INTERVAL_SEC: '7'},
			{harvest: {...defaultPolicy.harvest, first_r: 0.7, actions_per_minute_max: 12, every_ms: 7_000}},
		],
		[
			{
				MAX_MARGIN_LOSS_PER_TRADE_PCT: '9%',
				MIN_PRICE_STOP_DISTANCE_PCT: '0.3',
				MAX_LOSS_PCT_HARD_SL: '1.8',
				MAX_UNREALIZED_LOSS_PCT_PER_POSITION: '-12.2',
				EXIT_BRAIN_CHECK_INTERVAL_SEC: '8',
				GOV_KILL_SCORE_CLOSE_THRESHOLD: '0.6',
			},
			{
				exit_brain: {
					...defaultPolicy.exit_brain,
					loss_max: 0.09,
					stop_min: 0.003,
					stop_max: 0.018,
					loss_emergency: 0.122,
					every_ms: 8_000,
					kill_score_close: 0.6,
				},
			},
		],
		[{MAX_EXPOSURE_PCT: '75'}, {portfolio: {...defaultPolicy.portfolio, exposure_share_max: 0.75}}],
		[{INTENT_BRIDGE_USE_TOP10: 'true'}, {universe: {...defaultPolicy.universe, mode: 'TOP10'}}],
		[{INTENT_BRIDGE_USE_TOP10: 'false'}, {universe: {...defaultPolicy.universe, mode: 'ALLOWLIST'}}],
		[{INTENT_BRIDGE_ALLOWLIST: '"BTCUSDT, 币安人生USDT"'}, {allowlist: ['BTCUSDT', '币安人生USDT']}],
		[{GOV_KILL_SCORE_OPEN_THRESHOLD: '0.85', GOV_KILL_SCORE_CRITICAL: '0.7'}, {kill_score_open_max: 0.7}],
		[{INTENT_BRIDGE_ALLOWLIST: 'BTCUSDT,ETHUSDT', APPLY_ALLOWLIST: 'ETHUSDT'}, {allowlist: ['ETHUSDT']}],
	])('%j becomes %j', (env, of) => {
		const reading = readFormer(env, defaultPolicy, paper)
		expect(reading).toMatchObject({policy: {...defaultPolicy, ...of}, problems: [], left: [], kept: []})
		expect([...reading.taken].sort()).toEqual(Object.keys(env).sort())
	})

	it('lists what it does not know, and leaves alone what is not ours', () => {
		const env = {PATH: '/bin', GOV_NOSUCH: '1', APPLY_DRY_RUN: 'true', constructor: 'x'}
		expect(readFormer(env, defaultPolicy, paper).left).toEqual([
			{name: 'APPLY_DRY_RUN', why: 'qt governor disable, and enable'},
			{name: 'GOV_NOSUCH', why: 'unknown name'},
		])
		const whole = readFormer(env, defaultPolicy, {...paper, whole: true}).left.map(({name}) => name)
		expect(whole).toEqual(['APPLY_DRY_RUN', 'GOV_NOSUCH', 'PATH', 'constructor'])
	})

	it.each([
		[{GOV_MAX_OPEN_POSITIONS: 'ten'}, 'positions_max (GOV_MAX_OPEN_POSITIONS)'],
		[{INTENT_BRIDGE_USE_TOP10: 'perhaps'}, 'universe.mode (INTENT_BRIDGE_USE_TOP10)'],
		[{GOV_MAX_OPEN_POSITIONS: ''}, 'positions_max (GOV_MAX_OPEN_POSITIONS)'],
		[{GOV_MAX_NOTIONAL_PER_TRADE_USDT: '9000'}, 'notional_per_trade_usdt (GOV_MAX_NOTIONAL_PER_TRADE_USDT)'],
	])('%j changes nothing, and is named', (env, path) => {
		expect(readFormer(env, defaultPolicy, paper)).toMatchObject({policy: defaultPolicy, problems: [{path}]})
	})

	it('can only tighten in LIVE; what would loosen stays and is told', () => {
		const env = {
			GOV_MAX_OPEN_POSITIONS: '20',
			GOV_MAX_TOTAL_NOTIONAL_USDT: '500',
			GOV_SYMBOL_COOLDOWN_SECONDS: '1',
			APPLY_ALLOWLIST: 'BTCUSDT,DOGEUSDT',
		}
		const {policy, kept, problems} = readFormer(env, defaultPolicy, live)
		expect(policy).toEqual({...defaultPolicy, notional_total_usdt: 500})
		expect(kept.map(({path}) => path)).toEqual(['allowlist', 'positions_max', 'cooldown_ms'])
		expect(problems).toEqual([])
	})

	it('is refused in LIVE where what is left contradicts itself', () => {
		const env = {GOV_MAX_NOTIONAL_PER_TRADE_USDT: '90', GOV_MAX_TOTAL_NOTIONAL_USDT: '100'}
		const inForce = {...defaultPolicy, notional_per_trade_usdt: 50, notional_total_usdt: 2_000}
		expect(readFormer(env, inForce, live)).toMatchObject({
			policy: {notional_per_trade_usdt: 50, notional_total_usdt: 100},
			problems: [],
		})
		const hourly = {GOV_MAX_EXEC_PER_5MIN: '3', GOV_MAX_EXEC_PER_HOUR: '1'}
		expect(readFormer(hourly, defaultPolicy, live).problems).toHaveLength(1)
	})
})
