import {statSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {afterEach, beforeEach, expect, it} from 'vitest'
import {ProvenMarks} from '../../../../src/engine/adapters/exchange/proven-marks.js'
import {type TemporaryHome, temporaryHome} from '../../../support/temporary-home.js'

let home: TemporaryHome
let file: string
beforeEach(async () => {
	home = await temporaryHome('qt-m-')
	file = join(home.path, 'account-proven.json')
})
afterEach(() => home.remove())

it('lies five proofs back, also for who opens the file anew', () => {
	const marks = new ProvenMarks(file)
	expect(marks.since_ms).toBeUndefined()
	for (const venue_ms of [10, 20, 30, 40, 50]) marks.add(venue_ms)
	expect(marks.since_ms).toBe(10)
	marks.add(60)
	expect(new ProvenMarks(file).since_ms).toBe(20)
	expect(statSync(file).mode & 0o777).toBe(0o600)
})

it.each(['', '{"proven_ms": []}', '{"proven_ms": [-1]}', '{"proven_ms": ["1"]}', 'null'])(
	'knows nothing from %j, and begins anew',
	text => {
		writeFileSync(file, text)
		const marks = new ProvenMarks(file)
		expect(marks.since_ms).toBeUndefined()
		marks.add(10)
		expect(marks.since_ms).toBe(10)
	},
)

it('keeps what it had when it cannot write', () => {
	expect(() => new ProvenMarks(join(home.path, 'nosuch', 'file')).add(10)).toThrow('ENOENT')
})
