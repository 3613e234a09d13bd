import {expect, test} from 'vitest'
import {guardsAgainst} from '../../../src/daemon/client/bsc-record.js'
import {WATCH_SILENCE_MS} from '../../../src/engine/logic/watch-silence.js'

const now_ms = 1_000_000
const at = (age_ms: number) => String(now_ms - age_ms)
const normal = {state: 'NORMAL', machine_ms: at(0)}
const heard = {state: 'HEARD', machine_ms: at(0)}
const {guard} = WATCH_SILENCE_MS

test.each([
	['both look and nothing is broken', normal, heard, []],
	['both are as old as they may be', {...normal, machine_ms: at(guard)}, {...heard, machine_ms: at(guard)}, []],
	[
		'the controller is silent',
		{...normal, machine_ms: at(guard + 1_000)},
		heard,
		['the Baseline Safety Controller has been silent for 16 s'],
	],
	['the watch never looked', normal, {}, ['the watch over the ESS has not looked yet']],
	[
		'a rule is broken',
		{...normal, state: 'TRIPPED', rule: 'POSITIONS', used: '11', limit: '10'},
		heard,
		['the Baseline Safety Controller is TRIPPED: POSITIONS at 11 of 10'],
	],
])('against arming when %s', (_, bsc, watch, expected) => {
	expect(guardsAgainst(bsc, watch, now_ms)).toEqual(expected)
})
