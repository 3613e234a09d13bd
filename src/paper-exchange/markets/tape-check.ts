import {messageOf} from '../unusable.js'
/**
 * Replays a whole tape and says what is on it: `node dist/paper-exchange/markets/tape-check.js <file>`.
 * Exit code 0 when the tape is whole, 3 when the chain breaks or the rebuilt book disagrees with bookTicker, 1 when the
 * file is no tape.
 */
import {checkTape, renderCheck} from './tape-agreement.js'
import {loadTape} from './tape-load.js'
import {TapeMarket, tapeConfig} from './tape-market.js'

/** The ticker and the depth stream are two views of one book; a whole tape agrees almost everywhere. */
const AGREEMENT_MIN = 0.99

async function main(): Promise<number> {
	const file = process.argv[2]
	if (file === undefined) throw new Error('usage: tape-check <file>')
	const notes: string[] = []
	const tape = await loadTape(file, {}, line => notes.push(line))
	const check = checkTape(tape)
	const market = new TapeMarket(tapeConfig.parse({kind: 'tape', file}), tape, line => notes.push(line))
	const told = new Map<string, number>()
	for (let event = market.next(Infinity); event !== undefined; event = market.next(Infinity))
		told.set(event.kind, (told.get(event.kind) ?? 0) + 1)
	process.stdout.write(`${renderCheck(tape, check, told, notes)}\n`)
	return check.every(symbol => symbol.gaps === 0 && symbol.agreed >= AGREEMENT_MIN * symbol.compared) ? 0 : 3
}

main().then(
	code => {
		process.exitCode = code
	},
	error => {
		process.stderr.write(`${messageOf(error)}\n`)
		process.exitCode = 1
	},
)
