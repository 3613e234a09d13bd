import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import type {ArmRecord} from '../../../src/engine/exchange/arm-record.js'
import {
	type ArmFileReading,
	judgeFile,
	judgePermit,
	judgeShared,
	nextArmFile,
	passesUnasked,
	type SharedArmState,
} from '../../../src/engine/exchange/arm-state.js'
import {judgeBlocks} from '../../../src/engine/exchange/block-state.js'
import type {FenceContext} from '../../../src/engine/exchange/order-request.js'

const file = (epoch: number, armed: boolean): ArmRecord => ({
	epoch,
	armed,
	mode: 'PAPER',
	by: 'operator',
	reason: '',
	time_ms: 1,
})
const context = (more: Partial<FenceContext> = {}): FenceContext => ({
	plan_id: 'p',
	symbol: 'BTCUSDT',
	epoch: 7,
	class: 'ENTRY',
	operator: false,
	...more,
})
const armed7: SharedArmState = {kill: '0', armed: '1', epoch: '7', execution: 'ENABLED'}
const ok = {ok: true}
const refused = (reason: string) => ({ok: false, reason})

describe('the fence', () => {
	it.each([
		['missing', refused('ARM_FILE_UNREADABLE')],
		['unreadable', refused('ARM_FILE_UNREADABLE')],
		[file(7, false), refused('KILLED')],
		[file(6, true), refused('EPOCH_OLD')],
		[file(8, true), refused('EPOCH_OLD')],
		[file(7, true), ok],
	] as const)('judges the file %j', (reading, verdict) => {
		expect(judgeFile(reading, context())).toEqual(verdict)
	})

	it.each([
		[{}, refused('KILLED')],
		[{...armed7, kill: '1'}, refused('KILLED')],
		[{...armed7, kill: undefined}, refused('KILLED')],
		[{...armed7, armed: '0'}, refused('DISARMED')],
		[{...armed7, armed: undefined}, refused('DISARMED')],
		[{...armed7, epoch: '8'}, refused('EPOCH_OLD')],
		[{...armed7, epoch: ' 7'}, refused('EPOCH_OLD')],
		[{...armed7, execution: undefined}, refused('EXECUTION_DISABLED')],
		[{...armed7, execution: 'DISABLED'}, refused('EXECUTION_DISABLED')],
		[{...armed7, execution: 'REDUCE_ONLY'}, refused('PAUSED')],
		[{...armed7, blocked: ['BTCUSDT']}, refused('SYMBOL_BLOCKED')],
		[{...armed7, blocked: ['ETHUSDT']}, ok],
		[armed7, ok],
	])('judges what all share %j', (state, verdict) => {
		expect(judgeShared(state, context())).toEqual(verdict)
	})

	it.each([
		['missing', ok],
		['unreadable', refused('BLOCK_FILE_UNREADABLE')],
		[{symbols: {}}, ok],
		[{symbols: {ETHUSDT: {by: 'ada', reason: '', time_ms: 1}}}, ok],
		[{symbols: {BTCUSDT: {by: 'ada', reason: '', time_ms: 1}}}, refused('SYMBOL_BLOCKED')],
	] as const)('judges the file of blocked symbols %j', (reading, verdict) => {
		expect(judgeBlocks(reading, context())).toEqual(verdict)
	})

	it('lets exits leave under a pause, and nothing while disabled', () => {
		const exit = context({class: 'EXIT'})
		expect(judgeShared({...armed7, execution: 'REDUCE_ONLY'}, exit)).toEqual(ok)
		expect(judgeShared({...armed7, execution: 'DISABLED'}, exit)).toEqual(refused('EXECUTION_DISABLED'))
	})

	it.each([
		[{state: 'TAKEN', epoch: '7'}, ok],
		[{state: 'ISSUED', epoch: '7'}, refused('PERMIT_NOT_TAKEN')],
		[{state: 'TAKEN', epoch: '6'}, refused('PERMIT_NOT_TAKEN')],
		[{}, refused('PERMIT_NOT_TAKEN')],
	])('judges the permit %j', (permit, verdict) => {
		expect(judgePermit(permit, context())).toEqual(verdict)
	})

	it.each([
		[{class: 'PROTECT'}, true],
		[{class: 'EXIT', operator: true}, true],
		[{class: 'EXIT'}, false],
		[{class: 'ENTRY', operator: true}, false],
		[{class: 'ENTRY'}, false],
	] as const)('lets protection and operators’ closes pass: %j %s', (more, passes) => {
		expect(passesUnasked(context(more))).toBe(passes)
	})
})

describe('the arm file', () => {
	it.each<[string, ArmFileReading, SharedArmState, Partial<ArmRecord> | undefined]>([
		['first arming', 'missing', armed7, {epoch: 7, armed: true}],
		['first sight of a kill', 'missing', {...armed7, kill: '1'}, {epoch: 7, armed: false}],
		['nothing known at all', 'missing', {}, {epoch: 0, armed: false}],
		['newer epoch', file(6, true), armed7, {epoch: 7, armed: true}],
		['newer epoch after a kill', file(6, false), armed7, {epoch: 7, armed: true}],
		['kill of the same epoch', file(7, true), {...armed7, kill: '1', armed: '0'}, {epoch: 7, armed: false}],
		['kill by hand', file(7, true), {...armed7, kill: '1'}, {epoch: 7, armed: false}],
		['a 0 by hand opens nothing', file(7, false), armed7, undefined],
		['nothing new', file(7, true), armed7, undefined],
		['an old arming', file(8, true), armed7, undefined],
		['an old disarming', file(8, true), {...armed7, armed: '0'}, undefined],
		['a kill whose epoch is old', file(8, true), {kill: '1', armed: '0', epoch: '7'}, {epoch: 8, armed: false}],
		['a state that was lost', file(8, true), {}, {epoch: 8, armed: false}],
		['a file that cannot be read stays shut', 'unreadable', armed7, {epoch: 7, armed: false}],
	])('%s', (_, current, shared, next) => {
		const written = nextArmFile(current, shared, 99)
		if (next === undefined) expect(written).toBeUndefined()
		else expect(written).toMatchObject({...next, time_ms: 99})
	})

	it('says who stopped where nobody said it', () => {
		const written = nextArmFile(file(3, true), {}, 99)
		expect(written).toMatchObject({armed: false, by: 'gateway', reason: 'the shared arm state has gone'})
	})

	it('never goes back to an older epoch, nor from a kill to an arming of the same epoch', () => {
		const text = fc.constantFrom(undefined, '0', '1', '2', '3', 'x')
		const state = fc.record({kill: text, armed: text, epoch: text})
		fc.assert(
			fc.property(fc.array(state, {maxLength: 30}), states => {
				let current: ArmFileReading = 'missing'
				for (const shared of states) {
					const next: ArmRecord | undefined = nextArmFile(current, shared, 1)
					if (next && typeof current !== 'string') {
						expect(next.epoch).toBeGreaterThanOrEqual(current.epoch)
						if (next.epoch === current.epoch) expect([current.armed, next.armed]).toEqual([true, false])
					}
					if (next?.armed) expect(shared).toMatchObject({kill: '0', armed: '1', epoch: String(next.epoch)})
					current = next ?? current
					if (shared.kill === '1' && typeof current !== 'string') expect(current.armed).toBe(false)
				}
			}),
		)
	})
})
