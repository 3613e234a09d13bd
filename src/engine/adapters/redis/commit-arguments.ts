import type {Acknowledgement, Fence, Write} from '../../bus/bus.js'
import type {Fields} from '../../contracts/field.js'

/** Words of one command: Lua can hand about 8,000 values to a call. */
const WORDS_MAX = 1_000
/** Ids acknowledged on one stream in one step. */
const ACKNOWLEDGED_MAX = 1_000

const flat = (fields: Fields): string[] => {
	const words: string[] = []
	for (const name in fields) words.push(name, fields[name] ?? '')
	return words
}

/** A command with many operands as several: pairs stay together. */
const chunked = (head: readonly string[], words: readonly string[]): string[][] => {
	const commands: string[][] = []
	for (let from = 0; from < words.length; from += WORDS_MAX)
		commands.push([...head, ...words.slice(from, from + WORDS_MAX)])
	return commands
}

const expiry = (key: string, ttl_ms: number | undefined): string[][] =>
	ttl_ms === undefined ? [] : [['PEXPIRE', key, String(ttl_ms)]]

/** A write as the Redis commands that carry it out. */
const commandsOf = (write: Write): string[][] => {
	switch (write.op) {
		case 'append': {
			const bound = write.length_max === undefined ? [] : ['MAXLEN', '~', String(write.length_max)]
			return [['XADD', write.stream, ...bound, '*', ...flat(write.fields)]]
		}
		case 'put-hash':
			return [
				...(write.replace ? [['DEL', write.key]] : []),
				...chunked(['HSET', write.key], flat(write.fields)),
				...expiry(write.key, write.ttl_ms),
			]
		case 'remove-fields':
			return chunked(['HDEL', write.key], write.fields)
		case 'put-string':
			return [['SET', write.key, write.value, ...(write.ttl_ms === undefined ? [] : ['PX', String(write.ttl_ms)])]]
		case 'add-members':
			return write.members.length === 0
				? []
				: [...chunked(['SADD', write.key], write.members), ...expiry(write.key, write.ttl_ms)]
		case 'remove-members':
			return chunked(['SREM', write.key], write.members)
		case 'remove':
			return [['DEL', write.key]]
	}
}

const PROBES: Readonly<Partial<Record<Write['op'], string>>> = {
	append: 'XLEN',
	'put-hash': 'HLEN',
	'remove-fields': 'HLEN',
	'add-members': 'SCARD',
	'remove-members': 'SCARD',
}

/**
 * The keys that must hold a certain type for the writes to succeed, each once. A key that a branch first replaces
 * or removes may hold anything.
 */
const probesOf = (branches: ReadonlyArray<readonly Write[]>): string[] => {
	const words: string[] = []
	const seen = new Set<string>()
	for (const writes of branches) {
		let last = ''
		for (const write of writes) {
			const name = write.op === 'append' ? write.stream : write.key
			if (name === last || seen.has(name)) continue
			last = name
			seen.add(name)
			const probe = write.op === 'put-hash' && write.replace ? undefined : PROBES[write.op]
			if (probe) words.push(probe, name)
		}
	}
	return words
}

const NUL = 0
/** Appends a branch: its outcome, how many words follow, and its commands. */
const pushBranch = (argv: string[], outcome: string, writes: readonly Write[], fill: boolean): void => {
	argv.push(outcome, '')
	const start = argv.length
	for (const write of writes) {
		for (const words of commandsOf(write)) {
			const marked = fill && words.some(word => word.charCodeAt(0) === NUL)
			argv.push(String(marked ? -words.length : words.length))
			for (const word of words) argv.push(word)
		}
	}
	argv[start - 1] = String(argv.length - start)
}

export type CommitArguments = Readonly<{
	fence: Fence | undefined
	acknowledge: readonly Acknowledgement[]
	args: readonly string[]
	branches: Readonly<Record<string, readonly Write[]>>
	/** Whether words that begin with NUL are filled from the script's reply; else they are written as they are. */
	fill: boolean
}>

/** The list that commit.lua takes, in the order that its header names. */
export const commitArguments = ({fence, acknowledge, args, branches, fill}: CommitArguments): string[] => {
	const argv: string[] = []
	if (fence === undefined) argv.push('', '', '', '')
	else if (fence.commits === undefined) argv.push(fence.lease_key, String(fence.generation), '', '')
	else argv.push(fence.lease_key, String(fence.generation), String(fence.commits), String(fence.commits + 1))
	const acknowledgements = acknowledge.filter(({ids}) => ids.length > 0)
	argv.push(String(acknowledgements.length))
	for (const {stream, group, consumer, ids} of acknowledgements) {
		if (ids.length > ACKNOWLEDGED_MAX)
			throw new Error(`A step acknowledges ${ids.length} entries of ${stream}; at most ${ACKNOWLEDGED_MAX} fit`)
		argv.push(stream, group, consumer, String(ids.length))
		for (const id of ids) argv.push(id)
	}
	const probes = probesOf(Object.values(branches))
	argv.push(String(probes.length / 2), ...probes, String(args.length), ...args)
	argv.push(String(Object.keys(branches).length))
	for (const [outcome, writes] of Object.entries(branches)) pushBranch(argv, outcome, writes, fill)
	return argv
}

/** Half of a surrogate pair as JSON writes it; the server would refuse the whole list. */
const HALF_PAIR = /\\ud[89a-f]/
const wellFormed = (text: string): string => Buffer.from(text, 'utf8').toString('utf8')

/** The list as the one argument that travels. */
export const packed = (words: readonly string[]): string => {
	const json = JSON.stringify(words)
	return HALF_PAIR.test(json) ? JSON.stringify(words.map(wellFormed)) : json
}
