import {expect, test} from 'vitest'
import {featurePublisher} from '../../../src/engine/units/core/feature-publisher.js'
import {drive} from '../../support/drive.js'

test('a unit keeps the state of a partition in its snapshot', async () => {
	const unit = await drive(featurePublisher)
	const emitted = await unit.send('tick', {
		symbol: 'BTCUSDT',
		bid: '100',
		ask: '101',
		bid_quantity: '1',
		ask_quantity: '1',
		received_ms: 1,
	})
	expect(emitted).toEqual([])
	expect(unit.bus.store.hashGet('test:unit:state:feature-publisher', 'BTCUSDT')).toBe('{"spread_bps":100}')
})
