import {writeFileSync} from 'node:fs'
import {join} from 'node:path'
import fc from 'fast-check'
import {afterEach, beforeEach, describe, expect, it} from 'vitest'
import {advanceArmFile, epochOf, raiseKilled, readArmFile, writeKilled} from '../../../src/daemon/client/arm-file.js'
import {readArmFile as readAtGateway} from '../../../src/engine/adapters/exchange/arm-file.js'
import {type TemporaryHome, temporaryHome} from '../../support/temporary-home.js'
import {record} from './system-fixture.js'

const said = {mode: 'PAPER', by: 'ada', reason: 'drill', time_ms: 1}

describe('the arm file', () => {
	let home: TemporaryHome
	let path: string
	beforeEach(async () => {
		home = await temporaryHome()
		path = join(home.path, 'arm.json')
	})
	afterEach(() => home.remove())

	it('is killed under the next epoch, whatever it held', async () => {
		expect(await writeKilled(path, said)).toEqual({...said, epoch: 1, armed: false})
		expect(await advanceArmFile(path, record({epoch: 5, armed: true}))).toBe(true)
		expect(await writeKilled(path, said)).toMatchObject({epoch: 6, armed: false})
		writeFileSync(path, '{"epoch": "six"')
		expect(readArmFile(path).kind).toBe('unreadable')
		expect(await writeKilled(path, said)).toMatchObject({epoch: 1, armed: false})
	})

	it('does not go back, nor from killed to armed in one epoch', async () => {
		await writeKilled(path, said)
		expect(await advanceArmFile(path, record({epoch: 1, armed: true}))).toBe(false)
		expect(readArmFile(path)).toMatchObject({record: {epoch: 1, armed: false}})
	})

	it('is raised to an epoch only when it does not say so already', async () => {
		await writeKilled(path, said)
		expect(await raiseKilled(path, {...said, by: 'eve'}, 1)).toMatchObject({epoch: 1, by: 'ada'})
		expect(await raiseKilled(path, {...said, by: 'eve'}, 4)).toMatchObject({epoch: 4, by: 'eve'})
		await advanceArmFile(path, record({epoch: 9, armed: true}))
		expect(await raiseKilled(path, said, 4)).toMatchObject({epoch: 9, armed: false})
	})

	it.each([
		['{}', 'lacks fields'],
		['{"epoch":1,"armed":"yes","mode":"","by":"","reason":"","time_ms":1}', 'lacks fields'],
		['{"epoch":1.5,"armed":true,"mode":"","by":"","reason":"","time_ms":1}', 'lacks fields'],
		['{"epoch":-1,"armed":true,"mode":"","by":"","reason":"","time_ms":1}', 'lacks fields'],
		['{"epoch":1,"armed":true,"mode":"","by":"","reason":"","time_ms":1,"more":1}', 'holds others'],
		['null', 'lacks fields'],
		['', 'JSON'],
	])('is unreadable as %j', (text, detail) => {
		writeFileSync(path, text)
		expect(readArmFile(path)).toMatchObject({kind: 'unreadable', detail: expect.stringContaining(detail)})
		// What an operator is told is what the gateway goes by.
		expect(readAtGateway(path)).toBe('unreadable')
	})

	it('stands killed after any mix of writers at once, unless an arming came under a later epoch', async () => {
		const act = fc.oneof(
			fc.constant({kill: true as const, epoch: 0}),
			fc.record({kill: fc.constant(false as const), epoch: fc.integer({min: 1, max: 12})}),
		)
		await fc.assert(
			fc.asyncProperty(fc.array(act, {minLength: 1, maxLength: 8}), async acts => {
				const own = join(home.path, `${fc.hash(JSON.stringify(acts))}.json`)
				const killed: number[] = []
				await Promise.all(
					acts.map(async ({kill, epoch}) => {
						if (kill) killed.push((await writeKilled(own, said)).epoch)
						else await advanceArmFile(own, record({epoch, armed: true}))
					}),
				)
				const file = readArmFile(own)
				if (file.kind !== 'record') return expect(file.kind).toBe('missing')
				for (const epoch of killed) expect(epochOf(file)).toBeGreaterThanOrEqual(epoch)
				if (file.record.armed && killed.length > 0) expect(file.record.epoch).toBeGreaterThan(Math.max(...killed))
			}),
			{numRuns: 40},
		)
	})
})
