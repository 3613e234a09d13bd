import {afterAll, beforeAll, beforeEach, describe, expect, it} from 'vitest'
import {type Bus, ScriptFailed, type Write} from '../../../src/engine/bus/bus.js'
import {compareIds} from '../../../src/engine/bus/stream-id.js'
import {fromReply} from '../../../src/engine/contracts/unit.js'
import {eventually} from '../../support/eventually.js'
import {spend} from './spend.js'

export type BusUnderTest = Readonly<{bus: Bus; close(): Promise<void>}>

const GROUP = 'g'
const ME = 'me'
const OTHER = 'other'

/** What both buses must mean by the same words. `open` is called once; every test works under names of its own. */
export const busConformance = (name: string, open: () => Promise<BusUnderTest>): void => {
	describe(`the bus: ${name}`, () => {
		let bus: Bus
		let close: () => Promise<void>
		let test = 0
		let stream = ''
		let lease = ''
		const named = (what: string) => `conformance:${test}:${what}`
		beforeAll(async () => {
			;({bus, close} = await open())
		})
		afterAll(() => close())
		beforeEach(() => {
			test += 1
			stream = named('stream')
			lease = named('lease')
		})

		const fill = async (count: number, to = stream): Promise<string[]> => {
			const ids: string[] = []
			for (let n = 1; n <= count; n += 1) ids.push(await bus.append(to, {n: String(n)}))
			return ids
		}
		const read = (count: number, consumer = ME) => bus.read({stream, group: GROUP, consumer, count})
		const numbers = async (of = stream) => (await bus.range(of, {count: 1_000})).map(({fields}) => fields.n)
		const pendingIds = async () => (await bus.pending(stream, GROUP, 100)).map(({id}) => id)
		const acknowledging = (...ids: string[]) => [{stream, group: GROUP, consumer: ME, ids}]
		const append = (n: string): Write => ({op: 'append', stream: named('out'), fields: {n}})

		describe('streams', () => {
			it('gives ids that only grow, and ranges from both ends', async () => {
				const ids = await fill(5)
				expect(ids.toSorted(compareIds)).toEqual(ids)
				expect(new Set(ids).size).toBe(5)
				expect(await numbers()).toEqual(['1', '2', '3', '4', '5'])
				const [, second = '', , fourth = ''] = ids
				const within = await bus.range(stream, {from: second, to: fourth, count: 2})
				expect(within.map(({id}) => id)).toEqual(ids.slice(1, 3))
				const newest = await bus.range(stream, {count: 2, newest_first: true})
				expect(newest.map(({fields}) => fields.n)).toEqual(['5', '4'])
				const between = await bus.range(stream, {from: `(${second}`, to: `(${fourth}`, count: 5})
				expect(between.map(({id}) => id)).toEqual(ids.slice(2, 3))
			})

			it('keeps any text in fields', async () => {
				const fields = {symbol: '币安人生USDT', empty: '', nul: '\u0000left', lines: 'a\r\nb', json: '{"a":[1]}'}
				await bus.append(stream, fields)
				await bus.commit({acknowledge: [], writes: [{op: 'append', stream, fields}]})
				for (const entry of await bus.range(stream, {count: 2})) expect(entry.fields).toEqual(fields)
			})
		})

		describe('groups', () => {
			it('begin at the first entry, and are made once', async () => {
				await fill(2)
				await bus.ensureGroup(stream, GROUP)
				await bus.ensureGroup(stream, GROUP)
				expect((await read(10)).map(({fields}) => fields.n)).toEqual(['1', '2'])
				expect(await read(10)).toEqual([])
			})

			it('give each entry to one consumer', async () => {
				await bus.ensureGroup(stream, GROUP)
				await fill(4)
				const mine = await read(3)
				const theirs = await read(3, OTHER)
				expect([...mine, ...theirs].map(({fields}) => fields.n)).toEqual(['1', '2', '3', '4'])
				expect((await bus.pending(stream, GROUP, 10)).map(({consumer}) => consumer)).toEqual([ME, ME, ME, OTHER])
			})

			it('answer a blocked read when an entry comes, and with nothing when none does', async () => {
				await bus.ensureGroup(stream, GROUP)
				expect(await bus.read({stream, group: GROUP, consumer: ME, count: 5, block_ms: 20})).toEqual([])
				const waiting = bus.read({stream, group: GROUP, consumer: ME, count: 5, block_ms: 5_000})
				await fill(1)
				expect((await waiting).map(({fields}) => fields.n)).toEqual(['1'])
			})

			it('end a blocked read when told to, without taking anything', async () => {
				await bus.ensureGroup(stream, GROUP)
				const stop = new AbortController()
				const started = performance.now()
				const waiting = bus.read({stream, group: GROUP, consumer: ME, count: 5, block_ms: 5_000, signal: stop.signal})
				stop.abort()
				expect(await waiting).toEqual([])
				expect(await bus.read({stream, group: GROUP, consumer: ME, count: 5, signal: stop.signal})).toEqual([])
				expect(performance.now() - started).toBeLessThan(1_000)
				await fill(1)
				expect(await pendingIds()).toEqual([])
				expect(await read(5)).toHaveLength(1)
			})

			it('refuse to read for a group that is not there', async () => {
				await fill(1)
				await expect(read(1)).rejects.toThrow(/NOGROUP/)
			})
		})

		describe('pending entries', () => {
			it('are read again by their consumer, page by page, and each time counts as a delivery', async () => {
				await bus.ensureGroup(stream, GROUP)
				const ids = await fill(3)
				await read(3)
				const again = (after_id: string) => bus.readPending({stream, group: GROUP, consumer: ME, count: 2, after_id})
				expect((await again('0-0')).map(({id}) => id)).toEqual(ids.slice(0, 2))
				expect((await again(ids[1] ?? '')).map(({id}) => id)).toEqual(ids.slice(2))
				expect(await again(ids[2] ?? '')).toEqual([])
				expect(await bus.readPending({stream, group: GROUP, consumer: OTHER, count: 2, after_id: '0-0'})).toEqual([])
				expect((await bus.pending(stream, GROUP, 10)).map(({deliveries}) => deliveries)).toEqual([2, 2, 2])
			})

			it('are listed from an id on', async () => {
				await bus.ensureGroup(stream, GROUP)
				const ids = await fill(4)
				await read(4)
				const rows = await bus.pending(stream, GROUP, 2, ids[1])
				expect(rows.map(({id}) => id)).toEqual(ids.slice(1, 3))
			})

			it('go to another consumer when idle for long enough', async () => {
				await bus.ensureGroup(stream, GROUP)
				const ids = await fill(2)
				await read(2)
				const claim = (min_idle_ms: number) => bus.claim({stream, group: GROUP, consumer: OTHER, min_idle_ms, ids})
				expect(await claim(60_000)).toEqual([])
				expect((await claim(0)).map(({fields}) => fields.n)).toEqual(['1', '2'])
				const rows = await bus.pending(stream, GROUP, 10)
				expect(rows.map(({consumer, deliveries}) => [consumer, deliveries])).toEqual([
					[OTHER, 2],
					[OTHER, 2],
				])
				await eventually(async () => (await bus.pending(stream, GROUP, 1))[0]?.idle_ms !== undefined)
				expect(await bus.claim({stream, group: GROUP, consumer: ME, min_idle_ms: 0, ids: []})).toEqual([])
			})

			it('leave the list when acknowledged, once', async () => {
				await bus.ensureGroup(stream, GROUP)
				const [first = '', second = ''] = await fill(2)
				await read(2)
				expect(await bus.acknowledge(stream, GROUP, [first])).toBe(1)
				expect(await bus.acknowledge(stream, GROUP, [first])).toBe(0)
				expect(await pendingIds()).toEqual([second])
			})

			it('come back empty when they were lost to a bound meanwhile, and are not claimed', async () => {
				await bus.ensureGroup(stream, GROUP)
				const [first = ''] = await fill(1)
				await read(1)
				for (let n = 0; n < 300; n += 1)
					await bus.commit({acknowledge: [], writes: [{op: 'append', stream, fields: {n: 'new'}, length_max: 1}]})
				const [held] = await bus.readPending({stream, group: GROUP, consumer: ME, count: 1, after_id: '0-0'})
				expect(held).toEqual({id: first, fields: {}})
				expect(await bus.claim({stream, group: GROUP, consumer: OTHER, min_idle_ms: 0, ids: [first]})).toEqual([])
				expect(await pendingIds()).toEqual([])
			})
		})

		describe('commit', () => {
			it('carries out every kind of write', async () => {
				const commit = (...writes: Write[]) => bus.commit({acknowledge: [], writes})
				const [hash, set, text] = [named('hash'), named('set'), named('text')]
				expect(
					await commit(
						append('1'),
						append('2'),
						{op: 'put-hash', key: hash, fields: {a: '1', b: '2'}, ttl_ms: 60_000},
						{op: 'put-string', key: text, value: 'x', ttl_ms: 60_000},
						{op: 'add-members', key: set, members: ['b', 'a', '币'], ttl_ms: 60_000},
					),
				).toEqual({status: 'committed'})
				expect(await numbers(named('out'))).toEqual(['1', '2'])
				expect(await bus.hashAll(hash)).toEqual({a: '1', b: '2'})
				expect(await bus.get(text)).toBe('x')
				expect(await bus.members(set)).toEqual(['a', 'b', '币'])
				await commit(
					{op: 'put-hash', key: hash, fields: {b: '3', c: '\u0000c'}},
					{op: 'remove-fields', key: hash, fields: ['a', 'nothing']},
					{op: 'remove-members', key: set, members: ['a', 'nothing']},
				)
				expect(await bus.hashAll(hash)).toEqual({b: '3', c: '\u0000c'})
				expect(await bus.hashGet(hash, 'b')).toBe('3')
				expect(await bus.members(set)).toEqual(['b', '币'])
				await commit(
					{op: 'put-hash', key: hash, fields: {d: '4'}, replace: true},
					{op: 'remove', key: text},
					{op: 'add-members', key: set, members: []},
					{op: 'remove-members', key: set, members: []},
					{op: 'remove-fields', key: hash, fields: []},
				)
				expect(await bus.hashAll(hash)).toEqual({d: '4'})
				expect(await bus.get(text)).toBeUndefined()
				expect(await bus.hashGet(text, 'x')).toBeUndefined()
			})

			it('takes more operands than one command can', async () => {
				const members = Array.from({length: 20_000}, (_, n) => `m${n}`)
				const fields = Object.fromEntries(members.map(member => [member, 'v']))
				const [hash, set] = [named('hash'), named('set')]
				const writes: Write[] = [
					{op: 'add-members', key: set, members},
					{op: 'put-hash', key: hash, fields},
				]
				expect(await bus.commit({acknowledge: [], writes})).toEqual({status: 'committed'})
				expect(await bus.members(set)).toHaveLength(20_000)
				expect(Object.keys(await bus.hashAll(hash))).toHaveLength(20_000)
				await bus.commit({
					acknowledge: [],
					writes: [
						{op: 'remove-members', key: set, members: members.slice(1)},
						{op: 'remove-fields', key: hash, fields: members.slice(1)},
					],
				})
				expect(await bus.members(set)).toEqual(['m0'])
				expect(await bus.hashAll(hash)).toEqual({m0: 'v'})
			})

			it('writes nothing when a key holds another type', async () => {
				await bus.commit({acknowledge: [], writes: [{op: 'put-string', key: named('k'), value: 'x'}]})
				await bus.ensureGroup(stream, GROUP)
				const [first = ''] = await fill(1)
				await read(1)
				for (const wrong of [
					{op: 'put-hash', key: named('k'), fields: {a: '1'}},
					{op: 'add-members', key: named('k'), members: ['a']},
					{op: 'remove-fields', key: named('k'), fields: ['a']},
					{op: 'remove-members', key: named('k'), members: ['a']},
				] as const)
					await expect(bus.commit({acknowledge: acknowledging(first), writes: [append('1'), wrong]})).rejects.toThrow(
						new RegExp(`WRONGTYPE.*${named('k')} holds a string`),
					)
				expect(await numbers(named('out'))).toEqual([])
				expect(await pendingIds()).toEqual([first])
			})

			it('bounds a stream that it appends to', async () => {
				for (let n = 0; n < 300; n += 1)
					await bus.commit({acknowledge: [], writes: [{op: 'append', stream, fields: {n: String(n)}, length_max: 5}]})
				const kept = await numbers()
				expect(kept.at(-1)).toBe('299')
				expect(kept.length).toBeGreaterThanOrEqual(5)
				expect(kept.length).toBeLessThan(110)
			})

			it('acknowledges what it owns together with its writes', async () => {
				await bus.ensureGroup(stream, GROUP)
				const [first = '', second = '', third = ''] = await fill(3)
				await read(3)
				const step = {acknowledge: acknowledging(first, third), writes: [append('1')]}
				expect(await bus.commit(step)).toEqual({status: 'committed'})
				expect(await pendingIds()).toEqual([second])
				expect(await bus.commit(step)).toEqual({status: 'not-owner'})
				expect(await numbers(named('out'))).toEqual(['1'])
			})

			it('does nothing when somebody else claimed an entry', async () => {
				await bus.ensureGroup(stream, GROUP)
				const ids = await fill(2)
				await read(2)
				await bus.claim({stream, group: GROUP, consumer: OTHER, min_idle_ms: 0, ids: ids.slice(1)})
				const step = {acknowledge: acknowledging(...ids), writes: [append('1')]}
				expect(await bus.commit(step)).toEqual({status: 'not-owner'})
				expect(await numbers(named('out'))).toEqual([])
				expect(await pendingIds()).toEqual(ids)
			})
		})

		describe('the fence', () => {
			it('lets the newest generation commit, in its order', async () => {
				const first = await bus.takeLease(lease, {host: 'a'})
				expect(first).toEqual({generation: 1, commits: 0})
				const commit = (commits: number, n: string, generation = 1) =>
					bus.commit({fence: {lease_key: lease, generation, commits}, acknowledge: [], writes: [append(n)]})
				expect(await commit(0, '1')).toEqual({status: 'committed'})
				expect(await commit(1, '2')).toEqual({status: 'committed'})
				expect(await commit(3, 'too early')).toEqual({status: 'fenced'})
				expect(await bus.takeLease(lease, {host: 'b'})).toEqual({generation: 2, commits: 2})
				expect(await commit(2, 'too late')).toEqual({status: 'fenced'})
				expect(await commit(2, '3', 2)).toEqual({status: 'committed'})
				expect(await numbers(named('out'))).toEqual(['1', '2', '3'])
				expect(await bus.hashAll(lease)).toMatchObject({generation: '2', commits: '3', host: 'b'})
			})

			it('carries out a commit that is sent again once', async () => {
				await bus.ensureGroup(stream, GROUP)
				const ids = await fill(2)
				await read(2)
				const step = {
					fence: {lease_key: lease, ...(await bus.takeLease(lease, {}))},
					acknowledge: acknowledging(...ids),
					writes: [append('1')],
				}
				expect(await bus.commit(step)).toEqual({status: 'committed'})
				expect(await bus.commit(step)).toEqual({status: 'committed'})
				expect(await numbers(named('out'))).toEqual(['1'])
				await bus.takeLease(lease, {})
				expect(await bus.commit(step)).toEqual({status: 'fenced'})
			})

			it('does not count a step without a number, but refuses it to an older generation', async () => {
				const {generation} = await bus.takeLease(lease, {})
				const beat = {
					fence: {lease_key: lease, generation},
					acknowledge: [],
					writes: [{op: 'put-hash', key: lease, fields: {heartbeat_ms: '5'}} as const],
				}
				expect(await bus.commit(beat)).toEqual({status: 'committed'})
				expect(await bus.commit(beat)).toEqual({status: 'committed'})
				expect(await bus.hashAll(lease)).toMatchObject({commits: '0', heartbeat_ms: '5'})
				await bus.takeLease(lease, {})
				expect(await bus.commit(beat)).toEqual({status: 'fenced'})
			})

			it('notices an older entry of the group that was passed over', async () => {
				await bus.ensureGroup(stream, GROUP)
				const [first = '', second = '', third = ''] = await fill(3)
				await read(1, OTHER)
				await read(2)
				const fence = {lease_key: lease, ...(await bus.takeLease(lease, {}))}
				const commit = (...ids: string[]) =>
					bus.commit({fence, acknowledge: acknowledging(...ids), writes: [append('1')]})
				expect(await commit(second)).toEqual({status: 'missed'})
				await bus.claim({stream, group: GROUP, consumer: ME, min_idle_ms: 0, ids: [first]})
				expect(await commit(second, third)).toEqual({status: 'missed'})
				expect(await commit(first, third)).toEqual({status: 'missed'})
				expect(await numbers(named('out'))).toEqual([])
				expect(await commit(first, second)).toEqual({status: 'committed'})
				expect(await pendingIds()).toEqual([third])
			})
		})

		describe('decide', () => {
			const decide = async (
				who: string,
				amount: string,
				{fence, ids = []}: {fence?: {lease_key: string; generation: number; commits: number}; ids?: string[]} = {},
			) =>
				bus.decide(
					{
						script: spend,
						keys: {purse: named('purse'), ledger: named('ledger')},
						args: {who, amount},
						branches: {
							granted: [
								{op: 'append', stream: named('out'), fields: {n: who, left: fromReply('left')}},
								{op: 'put-string', key: named('receipt'), value: fromReply('receipt')},
								{op: 'put-hash', key: named('receipts'), fields: {[who]: fromReply('receipt'), plain: '\u0001'}},
								{op: 'add-members', key: named('who'), members: [who, fromReply('receipt')]},
							],
							refused: [{op: 'append', stream: named('out'), fields: {n: 'refused', left: fromReply('left')}}],
						},
					},
					{...(fence && {fence}), acknowledge: acknowledging(...ids)},
				)

			it('takes the branch of the answer and fills its places', async () => {
				const granted = {outcome: 'granted', fields: {left: '40', receipt: 'ann:60'}}
				expect(await decide('ann', '60')).toEqual({status: 'decided', reply: granted})
				expect(await decide('bob', '60')).toEqual({
					status: 'decided',
					reply: {outcome: 'refused', fields: {left: '40'}},
				})
				const entries = (await bus.range(named('out'), {count: 10})).map(({fields}) => fields)
				expect(entries).toEqual([
					{n: 'ann', left: '40'},
					{n: 'refused', left: '40'},
				])
				expect(await bus.get(named('receipt'))).toBe('ann:60')
				expect(await bus.hashAll(named('receipts'))).toEqual({ann: 'ann:60', plain: '\u0001'})
				expect(await bus.members(named('who'))).toEqual(['ann', 'ann:60'])
				expect(await bus.hashAll(named('ledger'))).toEqual({ann: '60'})
			})

			it('answers a repeat as it did, and decides once', async () => {
				await bus.ensureGroup(stream, GROUP)
				const ids = await fill(1)
				await read(1)
				const fence = {lease_key: lease, ...(await bus.takeLease(lease, {}))}
				const once = await decide('币', '60', {fence, ids})
				expect(await decide('币', '60', {fence, ids})).toEqual(once)
				expect(await bus.get(named('purse'))).toBe('40')
				expect(await numbers(named('out'))).toEqual(['币'])
				expect(await pendingIds()).toEqual([])
				await bus.takeLease(lease, {})
				expect(await decide('币', '1', {fence, ids})).toEqual({status: 'fenced'})
			})

			it('decides nothing over an entry that is not its own, or out of turn', async () => {
				await bus.ensureGroup(stream, GROUP)
				const [first = '', second = ''] = await fill(2)
				await read(1, OTHER)
				expect(await decide('ann', '1', {ids: [first]})).toEqual({status: 'not-owner'})
				await read(1)
				const fence = {lease_key: lease, ...(await bus.takeLease(lease, {}))}
				expect(await decide('ann', '1', {fence, ids: [second]})).toEqual({status: 'missed'})
				expect(await bus.get(named('purse'))).toBeUndefined()
			})

			it('names a script that fails; the step does not count', async () => {
				const fence = {lease_key: lease, ...(await bus.takeLease(lease, {}))}
				const failing = decide('ann', 'crash', {fence})
				await expect(failing).rejects.toThrow(ScriptFailed)
				await expect(failing).rejects.toThrow(/spend failed: .*told to fail/)
				expect(await decide('ann', '1', {fence})).toMatchObject({status: 'decided'})
			})

			it('refuses a call that could not be carried out whole', async () => {
				const call = (branches: Record<string, Write[]>) =>
					bus.decide(
						{
							script: spend,
							keys: {purse: named('purse'), ledger: named('ledger')},
							args: {who: 'a', amount: '1'},
							branches,
						},
						{acknowledge: []},
					)
				await expect(call({granted: []})).rejects.toThrow('spend may answer refused, for which there is no branch')
				await expect(call({granted: [], refused: [], maybe: []})).rejects.toThrow('spend never answers maybe')
				const wrong: Write = {op: 'append', stream, fields: {n: fromReply('receipt')}}
				await expect(call({granted: [], refused: [wrong]})).rejects.toThrow(
					'spend gives no "receipt" with refused; it gives: left',
				)
				expect(await bus.get(named('purse'))).toBeUndefined()
			})
		})

		describe('trim', () => {
			it('keeps a length of what nobody reads', async () => {
				await fill(10)
				expect(await bus.trim(stream, 4)).toBe(6)
				expect(await numbers()).toEqual(['7', '8', '9', '10'])
				expect(await bus.trim(stream, 4)).toBe(0)
				expect(await bus.trim(stream, 0)).toBe(4)
				expect(await bus.trim(named('nowhere'), 0)).toBe(0)
			})

			it('keeps what a group has not been given or not acknowledged, though its consumers are dead', async () => {
				await bus.ensureGroup(stream, GROUP)
				await bus.ensureGroup(stream, 'dead')
				const ids = await fill(10)
				expect(await bus.trim(stream, 2)).toBe(0)
				await bus.read({stream, group: 'dead', consumer: 'gone', count: 3})
				await read(10)
				expect(await bus.trim(stream, 2)).toBe(0)
				await bus.acknowledge(stream, GROUP, ids.slice(0, 7))
				expect(await bus.trim(stream, 2)).toBe(0)
				await bus.acknowledge(stream, 'dead', ids.slice(0, 1))
				expect(await bus.trim(stream, 2)).toBe(1)
				await bus.acknowledge(stream, 'dead', ids.slice(1, 3))
				expect(await bus.trim(stream, 2)).toBe(2)
				expect(await numbers()).toEqual(['4', '5', '6', '7', '8', '9', '10'])
				await bus.read({stream, group: 'dead', consumer: 'gone', count: 10})
				await bus.acknowledge(stream, 'dead', ids)
				expect(await bus.trim(stream, 2)).toBe(4)
				await bus.acknowledge(stream, GROUP, ids)
				expect(await bus.trim(stream, 2)).toBe(1)
				expect(await bus.trim(stream, 0)).toBe(2)
			})

			it('removes thousands at once without passing a group', async () => {
				await bus.ensureGroup(stream, GROUP)
				const writes = Array.from({length: 500}, (): Write => ({op: 'append', stream, fields: {n: 'x'}}))
				for (let n = 0; n < 4; n += 1) await bus.commit({acknowledge: [], writes})
				const given = await read(750)
				await bus.acknowledge(
					stream,
					GROUP,
					given.slice(0, 700).map(({id}) => id),
				)
				let removed = 0
				for (let n = 0; n < 10; n += 1) removed += await bus.trim(stream, 100)
				expect(removed).toBe(700)
				expect((await bus.pending(stream, GROUP, 100)).map(({id}) => id)).toEqual(given.slice(700).map(({id}) => id))
				expect(await read(2_000)).toHaveLength(1_250)
			})
		})

		describe('backlog', () => {
			const backlog = () => bus.backlog(stream, GROUP)

			it('counts what was not delivered and what is pending', async () => {
				await bus.ensureGroup(stream, GROUP)
				expect(await backlog()).toMatchObject({undelivered: 0, pending: 0, consumers: 0, last_delivered_id: '0-0'})
				const ids = await fill(5)
				expect(await backlog()).toMatchObject({undelivered: 5, pending: 0, oldest_undelivered_id: ids[0]})
				await read(2)
				expect(await backlog()).toMatchObject({
					undelivered: 3,
					pending: 2,
					lost: 0,
					consumers: 1,
					last_delivered_id: ids[1],
					oldest_undelivered_id: ids[2],
				})
				await read(10)
				const drained = await backlog()
				expect(drained).toMatchObject({undelivered: 0, pending: 5, lost: 0})
				expect(drained.oldest_undelivered_id).toBeUndefined()
				await bus.trim(stream, 0)
				expect(await backlog()).toMatchObject({undelivered: 0, lost: 0})
			})

			it('tells what was lost from what is left', async () => {
				await bus.ensureGroup(stream, GROUP)
				await fill(2)
				await read(2)
				for (let n = 0; n < 300; n += 1)
					await bus.commit({acknowledge: [], writes: [{op: 'append', stream, fields: {n: 'x'}, length_max: 3}]})
				const kept = (await bus.range(stream, {count: 1_000})).length
				const lost = 300 - kept
				expect(lost).toBeGreaterThan(0)
				expect(await backlog()).toMatchObject({undelivered: kept, lost})
				await read(1)
				expect(await backlog()).toMatchObject({undelivered: kept - 1, lost})
				await read(1_000)
				expect(await backlog()).toMatchObject({undelivered: 0, lost})
			})

			it('refuses a group that is not there', async () => {
				await fill(1)
				await expect(backlog()).rejects.toThrow(GROUP)
			})
		})
	})
}
