import {appendFileSync} from 'node:fs'
import {afterAll, beforeAll, expect, it} from 'vitest'
import {GrowingLog} from '../../src/paper-exchange/growing-log.js'
import {currentLog, RequestLog, readRequestLog} from '../../src/paper-exchange/request-log.js'
import {type TemporaryHome, temporaryHome} from '../support/temporary-home.js'

let home: TemporaryHome
beforeAll(async () => {
	home = await temporaryHome()
})
afterAll(() => home.remove())

it('a growing log has at every look what a reading from the beginning has, over full files too', () => {
	const log = new RequestLog(home.path, {segment_bytes: 200, segments_kept: 100})
	const growing = new GrowingLog(home.path)
	expect(growing.records()).toEqual([])
	for (let seq = 1; seq <= 60; seq += 1) {
		log.append([{seq, path: '/fapi/v1/币安人生'}])
		// Not at every line: several, and a change of file among them, come between two looks.
		if (seq % 7 < 4) expect(growing.records()).toEqual([...readRequestLog(home.path)])
	}
	expect(growing.records().map(({seq}) => seq)).toEqual(Array.from({length: 60}, (_, index) => index + 1))
	log.close()
})

it('a line that is being written is read when it is whole', () => {
	const growing = new GrowingLog(home.path)
	const whole = growing.records().length
	appendFileSync(currentLog(home.path), '{"seq":61,"pa')
	expect(growing.records()).toHaveLength(whole)
	appendFileSync(currentLog(home.path), 'th":"/x"}\n{"se')
	expect(growing.records().slice(whole)).toEqual([{seq: 61, path: '/x'}])
	appendFileSync(currentLog(home.path), 'q":62}\n')
	expect(growing.records().slice(whole)).toEqual([{seq: 61, path: '/x'}, {seq: 62}])
})
