import {readFileSync, writeFileSync} from 'node:fs'
import {policySchema} from '../../src/engine/contracts/policy.js'
import type {JournalLine} from '../../src/engine/runtime/journal.js'
import type {Held} from './outputs.js'

/** What a replay needs. */
export type Recording = Readonly<{
	prefix: string
	lines: readonly JournalLine[]
}>

const JOURNAL = new URL('./held/journal.jsonl', import.meta.url)
const OUTPUTS = new URL('./held/outputs.txt', import.meta.url)

/** What the policy did not have yet when the run was recorded takes its default. */
const readLine = (text: string): JournalLine => {
	const line = JSON.parse(text) as JournalLine
	return line.kind === 'start' ? {...line, policy: policySchema.parse(line.policy)} : line
}

export const readRecording = (): Recording => {
	const [head = '', ...lines] = readFileSync(JOURNAL, 'utf8').trimEnd().split('\n')
	return {...(JSON.parse(head) as Omit<Recording, 'lines'>), lines: lines.map(readLine)}
}

export const writeRecording = ({lines, ...head}: Recording): void => {
	const texts = [head, ...lines].map(line => JSON.stringify(line))
	writeFileSync(JOURNAL, `${texts.join('\n')}\n`)
}

/** Text that `git diff` shows: the name of an output, and below it what came of it, a line each. */
export const writeHeld = (held: Held): void => {
	const sorted = [...held].sort(([one], [other]) => (one < other ? -1 : 1))
	const lines = sorted.flatMap(([name, entries]) => [name, ...entries.map(text => `\t${text}`)])
	writeFileSync(OUTPUTS, `${lines.join('\n')}\n`)
}

export const readHeld = (): Held => {
	const held = new Map<string, string[]>()
	let entries: string[] = []
	for (const line of readFileSync(OUTPUTS, 'utf8').split('\n')) {
		if (line.startsWith('\t')) entries.push(line.slice(1))
		else if (line !== '') {
			entries = []
			held.set(line, entries)
		}
	}
	return held
}
