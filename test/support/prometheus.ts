/** A scraped family, read strictly: by https://prometheus.io/docs/instrumenting/exposition_formats, version 0.0.4. */
export type Family = Readonly<{
	name: string
	type: string
	help: string
	samples: ReadonlyArray<Readonly<{labels: Readonly<Record<string, string>>; value: number}>>
}>

const NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*'
const LABEL = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(,|$)/
const VALUE = /^(?:NaN|[+-]Inf|-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)$/
const SUFFIX_OF_COUNTS = '_total'

const unescaped = (text: string): string =>
	text.replaceAll(/\\(["\\n])/g, (_, sign: string) => (sign === 'n' ? '\n' : sign))

const labelsOf = (text: string, line: string): Record<string, string> => {
	const labels: Record<string, string> = {}
	let rest = text
	while (rest !== '') {
		const match = LABEL.exec(rest)
		if (!match) throw new Error(`labels cannot be read: ${line}`)
		const [whole, name = '', value = '', comma] = match
		if (name in labels) throw new Error(`label ${name} stands twice: ${line}`)
		labels[name] = unescaped(value)
		rest = rest.slice(whole.length)
		if (comma === ',' && rest === '') throw new Error(`a comma leads nowhere: ${line}`)
	}
	return labels
}

const numberOf = (text: string, line: string): number => {
	if (!VALUE.test(text)) throw new Error(`no number: ${line}`)
	return text === 'NaN' ? Number.NaN : Number(text.replace('Inf', 'Infinity'))
}

/** @throws Error naming the first line that the format does not allow, or a family or series that stands twice */
export const parseExposition = (text: string): ReadonlyMap<string, Family> => {
	if (text !== '' && !text.endsWith('\n')) throw new Error('the last line does not end')
	const families = new Map<string, Family & {samples: Array<Family['samples'][number]>}>()
	const series = new Set<string>()
	let help: readonly [name: string, text: string] | undefined
	let family: ReturnType<typeof families.get>
	for (const line of text.split('\n').slice(0, -1)) {
		const [, helped, words = ''] = new RegExp(`^# HELP (${NAME}) (.*)$`, 's').exec(line) ?? []
		const [, typed, type = ''] = new RegExp(`^# TYPE (${NAME}) (counter|gauge)$`).exec(line) ?? []
		if (helped !== undefined) {
			help = [helped, unescaped(words)]
			continue
		}
		if (typed !== undefined) {
			if (help?.[0] !== typed) throw new Error(`no help before ${line}`)
			if (families.has(typed)) throw new Error(`${typed} stands twice`)
			if (typed.endsWith(SUFFIX_OF_COUNTS) !== (type === 'counter')) throw new Error(`counters end in _total: ${line}`)
			family = {name: typed, type, help: help[1], samples: []}
			families.set(typed, family)
			continue
		}
		const [, name, , labels = '', value = ''] = new RegExp(`^(${NAME})(\\{(.*)\\})? (\\S+)$`, 's').exec(line) ?? []
		if (name === undefined || name !== family?.name) throw new Error(`no sample of ${family?.name}: ${line}`)
		const sample = {labels: labelsOf(labels, line), value: numberOf(value, line)}
		const id = name + JSON.stringify(Object.entries(sample.labels).sort())
		if (series.has(id)) throw new Error(`stands twice: ${line}`)
		series.add(id)
		family.samples.push(sample)
	}
	const empty = [...families.values()].filter(({samples}) => samples.length === 0)
	if (empty.length > 0) throw new Error(`without a sample: ${empty.map(({name}) => name).join(', ')}`)
	return families
}
