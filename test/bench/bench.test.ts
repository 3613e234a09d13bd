import {afterAll, beforeAll, expect, it} from 'vitest'
import {benches} from '../../src/bench/benches.js'
import {type PrivateRedis, startPrivateRedis} from '../../src/bench/private-redis.js'
import {holds, reportOf, table} from '../../src/bench/report.js'

/** A busy machine brings a whole system up slowly: this bounds hangs, not speed. */
const LONG_MS = 300_000

let redis: PrivateRedis
beforeAll(async () => {
	redis = await startPrivateRedis()
})
afterAll(() => redis.stop())

/** They bring up whole systems, one after the other, for minutes: the path of an order stands for all of them here. */
const WHOLE = ['kill', 'operations', 'protection', 'recovery', 'scale']
const tried = Object.keys(benches).filter(name => !WHOLE.includes(name))

it('names only benches that are there as too long to be tried', () => {
	expect(Object.keys(benches)).toEqual(expect.arrayContaining(WHOLE))
	expect(tried).toContain('order-path')
})

it.each(tried)('%s measures, and reports what it measured', {timeout: LONG_MS}, async name => {
	const bench = await benches[name]?.()
	if (!bench) throw new Error(`no bench ${name}`)
	const result = await bench.run({redis_url: redis.url, scale: 0.005, rounds: 1})
	expect(bench.name).toBe(name)
	const {measurements, ratios, spreads = []} = result
	expect(measurements.length + spreads.length).toBeGreaterThan(0)
	for (const {value, client_us, server_us} of measurements) {
		expect(value).toBeGreaterThan(0)
		expect(client_us).toBeGreaterThan(0)
		expect(server_us).toBeGreaterThanOrEqual(0)
	}
	for (const {name: what, count, p50, p99, max} of spreads) {
		// Whether the bot wants to trade within so short a run is the market's affair.
		if (what === 'tick to intent' && count === 0) continue
		expect(count, what).toBeGreaterThan(0)
		expect(p50, what).toBeGreaterThanOrEqual(0)
		expect(p99, what).toBeGreaterThanOrEqual(p50)
		expect(max, what).toBeGreaterThanOrEqual(p99)
	}
	const report = reportOf({[name]: result})
	for (const {name: what} of [...measurements, ...ratios, ...spreads]) expect(table(report)).toContain(what)
	expect(JSON.parse(JSON.stringify(report))).toMatchObject({benches: {[name]: {measurements: [...measurements]}}})
})

it('says when a ceiling is not kept', () => {
	const spread = {name: 'a', unit: 'ms', count: 3, p50: 12, p99: 20, max: 20, ceiling: 10}
	const result = {measurements: [], ratios: [], floors: [], spreads: [spread], notes: []}
	expect(holds(reportOf({x: result}))).toBe(false)
	expect(table(reportOf({x: result}))).toMatch(/a +p50 12 {2}p99 20 {2}max 20 ms {2}\(3\) {2}ceiling 10 {2}ABOVE/)
	expect(holds(reportOf({x: {...result, spreads: [{...spread, p50: 10}]}}))).toBe(true)
})

it('holds a ceiling against what it bounds', () => {
	const spread = {name: 'a', unit: 'ms', count: 3, p50: 12, p99: 20, max: 20, ceiling: 15}
	const result = {measurements: [], ratios: [], floors: [], spreads: [spread], notes: []}
	expect(holds(reportOf({x: result}))).toBe(true)
	const bound = {...result, spreads: [{...spread, bounds: 'p99' as const}]}
	expect(holds(reportOf({x: bound}))).toBe(false)
	expect(table(reportOf({x: bound}))).toMatch(/ceiling p99 15 {2}ABOVE/)
})

it('says when a floor is not kept', () => {
	const result = {measurements: [], ratios: [{name: 'a / b', value: 1.5, floor: 2}], floors: [], notes: []}
	expect(holds(reportOf({x: result}))).toBe(false)
	expect(table(reportOf({x: result}))).toMatch(/a \/ b +1\.5 x {2}floor 2 {2}BELOW/)
	expect(holds(reportOf({x: {...result, ratios: [{name: 'a / b', value: 2, floor: 2}]}}))).toBe(true)
})
