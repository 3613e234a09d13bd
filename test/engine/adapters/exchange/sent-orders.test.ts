import {appendFileSync, mkdirSync, readFileSync, statSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {afterEach, beforeAll, beforeEach, describe, expect, it} from 'vitest'
import {type SentOrders, sentOrders} from '../../../../src/engine/adapters/exchange/sent-orders.js'
import {type TemporaryHome, temporaryHome} from '../../../support/temporary-home.js'
import {warmUp} from './gateway-fixture.js'
import {buy, creating, request, send, senderAt, start} from './sender-fixture.js'

const HOUR_MS = 3_600_000

beforeAll(warmUp)

let home: TemporaryHome
let file: string
beforeEach(async () => {
	home = await temporaryHome()
	file = join(home.path, 'sent-orders.log')
})
afterEach(() => home.remove())

describe('the record of what has left', () => {
	it('is known to the next process, and readable by its owner only', () => {
		const first = sentOrders(file, 1_000)
		first.record('q-one', 1_000)
		first.record('q-two', 1_500)
		const next = sentOrders(file, 2_000)
		expect([next.leftAt('q-one'), next.leftAt('q-two'), next.leftAt('q-three')]).toEqual([1_000, 1_500, undefined])
		expect(statSync(file).mode & 0o777).toBe(0o600)
	})

	it('forgets what is a day old, and a line that was cut while it was written', () => {
		const now_ms = 100 * HOUR_MS
		writeFileSync(file, `${now_ms - 25 * HOUR_MS} q-old\n${now_ms - HOUR_MS} q-young\n\n${now_ms} q-cu`)
		const sent = sentOrders(file, now_ms)
		expect([sent.leftAt('q-old'), sent.leftAt('q-young'), sent.leftAt('q-cu')]).toEqual([
			undefined,
			now_ms - HOUR_MS,
			undefined,
		])
		sent.record('q-new', now_ms)
		expect(readFileSync(file, 'utf8')).toBe(`${now_ms - HOUR_MS} q-young\n${now_ms} q-new\n`)
	})

	it('that cannot be read lets no sender begin', () => {
		mkdirSync(file)
		expect(() => sentOrders(file, 0)).toThrow('EISDIR')
	})
})

describe('a sender that is handed an order again as if it were new, as after a Redis that lost its newest second', () => {
	it('finds what became of it and sends nothing: the venue would fill it twice', async () => {
		const {venue} = await start()
		const entry = request({steps: [buy('p1-e')]})
		const first = senderAt(venue, {sent: sentOrders(file, Date.now())})
		const {outcomes} = await send(first, entry)
		expect((await send(first, entry)).outcomes).toEqual(outcomes)
		const next = senderAt(venue, {sent: sentOrders(file, Date.now())})
		expect((await send(next, entry)).outcomes).toEqual(outcomes)
		expect(outcomes).toMatchObject([{status: 'ACCEPTED', filled_quantity: '0.01'}])
		expect(creating(venue)).toHaveLength(1)
		expect(await venue.position('BTCUSDT')).toMatchObject({positionAmt: '0.01'})
		// Without the record it is filled a second time: that is what the record is for.
		await send(senderAt(venue, {}), entry)
		expect(await venue.position('BTCUSDT')).toMatchObject({positionAmt: '0.02'})
	})

	it('concludes that it was never placed where the process died before the order left', async () => {
		const {venue} = await start()
		appendFileSync(file, `${Date.now()} p1-e\n`)
		const sender = senderAt(venue, {sent: sentOrders(file, Date.now())})
		const {outcomes} = await send(sender, request({steps: [buy('p1-e')]}))
		expect(outcomes).toMatchObject([{status: 'REFUSED', code: 'NEVER_PLACED'}])
		expect(creating(venue)).toEqual([])
	})

	it('opens nothing while it cannot record, and closes all the same', async () => {
		const {venue} = await start()
		const full: SentOrders = {
			leftAt: () => undefined,
			record: () => {
				throw new Error('ENOSPC: no space left on device, write')
			},
			close: () => undefined,
		}
		await venue.market('BTCUSDT', 'BUY', '0.010')
		const sender = senderAt(venue, {sent: full})
		const refused = await send(sender, request({steps: [buy('p1-e')]}))
		expect(refused.outcomes).toMatchObject([
			{status: 'NOT_SENT', reason: 'NOT_RECORDED', detail: expect.stringContaining('ENOSPC')},
		])
		const close = {do: 'market', side: 'SELL', client_order_id: 'p1-x', reduce_only: true, close_all: true} as const
		const closed = await send(sender, request({class: 'EXIT', steps: [close]}))
		expect(closed.outcomes).toMatchObject([{status: 'ACCEPTED', filled_quantity: '0.01'}])
	})
})
