import {expect, test} from 'vitest'
import {allowanceMs, isStale, silenceMs} from '../../../src/engine/logic/allowance.js'

const policy = {machine_grace_ms: 2_000}

test.each([
	{speed: 1, limit_ms: 10_000, allowed_ms: 10_000, why: 'the limit itself at real time'},
	{speed: 5, limit_ms: 10_000, allowed_ms: 10_000, why: 'the limit while the grace is smaller'},
	{speed: 60, limit_ms: 10_000, allowed_ms: 120_000, why: 'the grace of the machine at speed'},
	{speed: 0, limit_ms: 10_000, allowed_ms: 10_000, why: 'the limit in lock-step'},
	{speed: 0, limit_ms: 1_000, allowed_ms: 2_000, why: 'the grace counts once in lock-step'},
	{speed: 0.5, limit_ms: 1_000, allowed_ms: 2_000, why: 'the grace counts once in slow motion'},
])('$why: $limit_ms ms at speed $speed allow $allowed_ms ms', ({speed, limit_ms, allowed_ms}) => {
	expect(allowanceMs(limit_ms, policy, speed)).toBe(allowed_ms)
	const now_ms = 1_000_000
	const stale = (then_ms: number) => isStale(then_ms, limit_ms, {now_ms, speed, policy})
	expect(stale(now_ms - allowed_ms)).toBe(false)
	expect(stale(now_ms - allowed_ms - 1)).toBe(true)
	expect(stale(now_ms + allowed_ms + 1)).toBe(true)
})

test.each([
	{speed: 1, silence_ms: 300},
	{speed: 60, silence_ms: 18_000},
	{speed: 0, silence_ms: 7_000},
])('silence at speed $speed is $silence_ms ms of venue time', ({speed, silence_ms}) => {
	const last = {venue_ms: 50_000, machine_ms: 100}
	expect(silenceMs(last, {now_ms: 57_000, machine_ms: 400, speed})).toBe(silence_ms)
})
