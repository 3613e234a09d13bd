import {afterAll, beforeAll, expect, it} from 'vitest'
import {benches} from '../../src/bench/benches.js'
import {type PrivateRedis, startPrivateRedis} from '../../src/bench/private-redis.js'
import {holds, reportOf, table} from '../../src/bench/report.js'

let redis: PrivateRedis
beforeAll(async () => {
	redis = await startPrivateRedis()
})
afterAll(() => redis.stop())

it.each(Object.keys(benches))('%s measures, and reports what it measured', async name => {
	const bench = await benches[name]?.()
	if (!bench) throw new Error(`no bench ${name}`)
	const result = await bench.run({redis_url: redis.url, scale: 0.005, rounds: 1})
	expect(bench.name).toBe(name)
	for (const {value, client_us, server_us} of result.measurements) {
		expect(value).toBeGreaterThan(0)
		expect(client_us).toBeGreaterThan(0)
		expect(server_us).toBeGreaterThanOrEqual(0)
	}
	const report = reportOf({[name]: result})
	for (const {name: what} of [...result.measurements, ...result.ratios]) expect(table(report)).toContain(what)
	expect(JSON.parse(JSON.stringify(report))).toEqual(report)
})

it('says when a floor is not kept', () => {
	const result = {measurements: [], ratios: [{name: 'a / b', value: 1.5, floor: 2}], floors: [], notes: []}
	expect(holds(reportOf({x: result}))).toBe(false)
	expect(table(reportOf({x: result}))).toMatch(/a \/ b +1\.5 x {2}floor 2 {2}BELOW/)
	expect(holds(reportOf({x: {...result, ratios: [{name: 'a / b', value: 2, floor: 2}]}}))).toBe(true)
})
