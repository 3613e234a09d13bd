/** Small wrong changes to a Lua script, one at a time: whoever claims to test it must notice each of them. */

export type Mutant = Readonly<{
	/** Path of the script in the project. */
	file: string
	line: number
	/** The line as it is, without indentation. */
	text: string
	/** What is changed, e.g. `< to <=`, with its place among the same changes on the line when there are several. */
	change: string
	/** The whole script with the change in it. */
	source: string
}>

type Token = Readonly<{text: string; at: number}>

const TOKENS = /--[^\n]*|'(?:\\.|[^'\\])*'|\d+(?:\.\d+)?|[A-Za-z_][\w.]*|\.\.|[<>=~]=|[-+*/%#<>=(){}[\],;:]/g
const COMPARISONS: Readonly<Record<string, readonly string[]>> = {
	'<': ['<=', '>='],
	'<=': ['<', '>'],
	'>': ['>=', '<='],
	'>=': ['>', '<'],
	'==': ['~='],
	'~=': ['=='],
}
const WORDS: Readonly<Record<string, string>> = {
	and: 'or',
	or: 'and',
	not: '',
	true: 'false',
	false: 'true',
	'math.min': 'math.max',
	'math.max': 'math.min',
	'math.floor': 'math.ceil',
	'math.ceil': 'math.floor',
	"'0'": "'1'",
	"'1'": "'0'",
	'+': '-',
	'*': '/',
	'/': '*',
}
const WRITES =
	/^'(SET|DEL|INCRBY|HSET|HDEL|HINCRBY|XADD|XACK|XTRIM|XGROUP|ZADD|ZREM|ZREMRANGEBYSCORE|P?EXPIRE)'$|^unpack$/
/** What stands before a minus that belongs to a number rather than between two. */
const BEFORE_SIGN = /^([-+*/%<>=(){[,;]|[<>=~]=|\.\.|and|or|not|return)$/

const tokensOf = (source: string): Token[] =>
	[...source.matchAll(TOKENS)]
		.map(match => ({text: match[0], at: match.index}))
		.filter(({text}) => !text.startsWith('--'))

/** Replacements of one token in its place; a write that is dropped hands its words to something harmless instead. */
const replacements = (tokens: readonly Token[], index: number): ReadonlyArray<readonly [string, string]> => {
	const {text = ''} = tokens[index] ?? {}
	const found = COMPARISONS[text] ?? (text in WORDS ? [WORDS[text] ?? ''] : [])
	if (found.length > 0) return found.map(to => [to, `${text} to ${to || 'nothing'}`])
	if (text === '-') {
		const to = BEFORE_SIGN.test(tokens[index - 1]?.text ?? '') ? '' : '+'
		return [[to, `- to ${to || 'nothing'}`]]
	}
	if (/^\d/.test(text)) return [[String(Number(text) + 1), `${text} to ${Number(text) + 1}`]]
	const command = tokens[index + 2]?.text ?? ''
	if (text === 'redis.call' && WRITES.test(command)) return [["select('#', ", `without ${command.replaceAll("'", '')}`]]
	return []
}

/** Every mutant of a script: comparisons turned and moved, words swapped, numbers moved by one, writes dropped. */
export const mutantsOf = (file: string, source: string): Mutant[] => {
	const tokens = tokensOf(source)
	const lines = source.split('\n')
	const seen = new Map<string, number>()
	return tokens.flatMap(({text, at}, index) =>
		replacements(tokens, index).map(([to, change]) => {
			const line = source.slice(0, at).split('\n').length
			const count = (seen.get(`${line} ${change}`) ?? 0) + 1
			seen.set(`${line} ${change}`, count)
			// A dropped write loses its opening bracket too: what takes its place has one of its own.
			const length = text === 'redis.call' ? text.length + 1 : text.length
			return {
				file,
				line,
				text: (lines[line - 1] ?? '').trim(),
				change: count === 1 ? change : `${change}, ${count}`,
				source: source.slice(0, at) + to + source.slice(at + length),
			}
		}),
	)
}
