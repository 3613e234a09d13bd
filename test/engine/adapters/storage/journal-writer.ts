import {TradeJournal} from '../../../../src/engine/adapters/storage/trade-journal.js'
import {journalFill} from './journal-rows.js'

/** Writes fills one after another and prints each trade id once it is confirmed; meant to be killed. */
const [path = '', from = '1'] = process.argv.slice(2)
const journal = new TradeJournal(path)
const IN_FLIGHT = 8
let next = Number(from)
const writer = async (): Promise<never> => {
	while (true) {
		const trade_id = String(next)
		next += 1
		await journal.append(journalFill({trade_id}))
		process.stdout.write(`${trade_id}\n`)
	}
}
await Promise.all(Array.from({length: IN_FLIGHT}, writer))
