import {parseArgs} from 'node:util'
import {differences, heldOf, outputsOf} from './outputs.js'
import {readHeld, readRecording, writeHeld, writeRecording} from './recording.js'
import {missingOf} from './story.js'

const USAGE = `Usage: npm run recording -- [--accept | --record]

Replays the run that is held in test/recording/held through the units as they are, and shows what comes out otherwise
than it did. Fails when something does.
  --accept  holds what comes out now as right: for a change of behaviour that is meant, in the commit that makes it
  --record  plays and holds another run: for a change of what units read`

const say = (lines: readonly string[]): void => {
	for (const line of lines) process.stdout.write(`${line}\n`)
}

/** Records a run and holds it, if it shows what it must and replays. */
const recordAnew = async (): Promise<number> => {
	const {record} = await import('./record.js')
	const recording = await record()
	const outputs = await outputsOf(recording)
	const problems = outputs.get('problems')?.map(({text}) => text) ?? []
	const missing = missingOf(outputs).map(what => `it does not happen that ${what}`)
	if (problems.length + missing.length > 0) {
		say(['The run is not held:', ...problems, ...missing])
		return 1
	}
	writeRecording(recording)
	writeHeld(heldOf(outputs))
	say([`held: ${recording.lines.length} lines, ${outputs.size} outputs`])
	return 0
}

const compare = async (accept: boolean): Promise<number> => {
	const outputs = await outputsOf(readRecording())
	const found = differences(readHeld(), outputs)
	say(found)
	if (accept) writeHeld(heldOf(outputs))
	const entries = [...outputs.values()].reduce((sum, {length}) => sum + length, 0)
	const verdict = found.length === 0 ? 'nothing differs' : accept ? 'held from now on' : 'not as it is held'
	say([`${entries} writes in ${outputs.size} outputs: ${verdict}`])
	return found.length === 0 || accept ? 0 : 1
}

const main = async (): Promise<number> => {
	const {values} = parseArgs({
		options: {
			accept: {type: 'boolean', default: false},
			record: {type: 'boolean', default: false},
			help: {type: 'boolean', default: false},
		},
	})
	if (values.help || (values.accept && values.record)) {
		process.stderr.write(`${USAGE}\n`)
		return values.help ? 0 : 2
	}
	return values.record ? recordAnew() : compare(values.accept)
}

process.exitCode = await main()
