import {expect, test} from 'vitest'
import {keys} from '../../../src/engine/contracts/keys.js'
import {WATCH_SILENCE_MS} from '../../../src/engine/logic/watch-silence.js'
import {essWatch} from '../../../src/engine/units/brains/ess-watch.js'
import {drive} from '../../support/drive.js'

type Unit = Awaited<ReturnType<typeof drive>>
const said = ({bus, naming}: Unit) => bus.store.hashAll(naming.key(keys.essWatch, {}))
const codes = (emitted: Awaited<ReturnType<Unit['feed']>>) => emitted.map(({payload}) => payload.code)

test('confirms itself with every look, and cries once when the ESS falls silent and once when it is back', async () => {
	const unit = await drive(essWatch)
	const spoke_ms = unit.clock.machine()
	const word = {state: 'NORMAL', machine_ms: spoke_ms}
	expect(await unit.feed('word', word)).toEqual([])
	unit.clock.advance(WATCH_SILENCE_MS.ess)
	expect(await unit.feed('word', word)).toEqual([])
	expect(said(unit)).toMatchObject({state: 'HEARD', machine_ms: String(unit.clock.machine())})
	unit.clock.advance(1)
	expect(codes(await unit.feed('word', word))).toEqual(['ESS_SILENT'])
	expect(await unit.feed('word', word)).toEqual([])
	expect(said(unit)).toMatchObject({state: 'SILENT', silent_ms: String(WATCH_SILENCE_MS.ess + 1)})
	expect(codes(await unit.feed('word', {...word, machine_ms: unit.clock.machine()}))).toEqual(['ESS_HEARD'])
	expect(said(unit)).toMatchObject({state: 'HEARD', ess: 'NORMAL'})
})

test('an ESS that never spoke is silent from the first look', async () => {
	const unit = await drive(essWatch)
	const nothing = {state: '', machine_ms: 0}
	expect(await unit.feed('word', nothing)).toEqual([])
	unit.clock.advance(WATCH_SILENCE_MS.ess + 1)
	expect(codes(await unit.feed('word', nothing))).toEqual(['ESS_SILENT'])
})
