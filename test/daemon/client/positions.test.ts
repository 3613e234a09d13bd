import {expect, it} from 'vitest'
import {liquidationDistance} from '../../../src/daemon/client/positions.js'

const position = {symbol: 'BTCUSDT', entry_price: '100', unrealised_pnl: '0'}

it.each<[why: string, amount: string, mark_price: string, liquidation_price: string, room: number | null]>([
	['a long falls to it', '1', '100', '90', 0.1],
	['a short rises to it', '-1', '100', '125', 0.25],
	['a long beyond it', '1', '80', '90', 0],
	['a short beyond it', '-1', '130', '125', 0],
	['no such price', '1', '100', '0', null],
	['a short that is larger than the wallet could lose', '-1', '100', '-5', null],
	['no mark price', '1', '0', '90', null],
])('room up to liquidation: %s', (_, amount, mark_price, liquidation_price, room) => {
	expect(liquidationDistance({...position, amount, mark_price, liquidation_price})).toBe(room)
})
