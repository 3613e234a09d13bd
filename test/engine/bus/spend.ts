import {defineKey} from '../../../src/engine/contracts/key.js'
import {defineScript} from '../../../src/engine/contracts/script.js'

const purse = defineKey({pattern: 'purse', type: 'string', owner: 'test', summary: 'What is left.'})
const ledger = defineKey({pattern: 'spent', type: 'hash', owner: 'test', summary: 'Who spent what.'})

/** A small decision: grants an amount while the purse lasts. */
export const spend = defineScript({
	name: 'spend',
	summary: 'Grants an amount while the purse lasts.',
	keys: {purse, ledger},
	args: ['who', 'amount'],
	outcomes: {granted: ['left', 'receipt'], refused: ['left']},
	source: new URL('./spend.lua', import.meta.url),
	model: (store, key, arg) => {
		const {who = '', amount = '0'} = arg
		const left = Number(store.get(key.purse ?? '') ?? '100')
		if (amount === 'crash') throw new Error('told to fail')
		if (Number(amount) > left) return {outcome: 'refused', fields: {left: String(left)}}
		store.put(key.purse ?? '', String(left - Number(amount)))
		store.hashPut(key.ledger ?? '', {[who]: amount})
		return {outcome: 'granted', fields: {left: String(left - Number(amount)), receipt: `${who}:${amount}`}}
	},
})
