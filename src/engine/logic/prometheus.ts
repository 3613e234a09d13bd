/** One value of a metric, told from the others by its labels. */
export type Sample = Readonly<{labels?: Readonly<Record<string, string>>; value: number}>
/** A family of samples of one name. What is not known has no sample. */
export type Metric = Readonly<{name: string; type: 'gauge' | 'counter'; help: string; samples: readonly Sample[]}>

const METRIC_NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/
const LABEL_NAME = /^[a-zA-Z_][a-zA-Z0-9_]*$/

const escaped = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')
const quoted = (text: string): string => `"${escaped(text).replaceAll('"', '\\"')}"`

const numberText = (value: number): string =>
	Number.isNaN(value) ? 'NaN' : Number.isFinite(value) ? String(value) : value > 0 ? '+Inf' : '-Inf'

const labelText = (labels: Readonly<Record<string, string>> = {}): string => {
	const pairs = Object.entries(labels).map(([name, value]) => {
		if (!LABEL_NAME.test(name)) throw new Error(`${name} is no name of a label: expected letters, digits and _`)
		return `${name}=${quoted(value)}`
	})
	return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}

type Family = Omit<Metric, 'samples'> & {samples: Sample[]}

/** Families of one name become one; of samples with the same labels the first is kept. */
export const mergeMetrics = (metrics: readonly Metric[]): readonly Metric[] => {
	const families = new Map<string, Family>()
	const seen = new Set<string>()
	for (const {samples, ...metric} of metrics) {
		const family: Family = families.get(metric.name) ?? {...metric, samples: []}
		if (family.type !== metric.type) throw new Error(`${metric.name} is a ${family.type} and a ${metric.type}`)
		for (const sample of samples) {
			const name = metric.name + labelText(sample.labels)
			if (!seen.has(name)) family.samples.push(sample)
			seen.add(name)
		}
		families.set(metric.name, family)
	}
	return [...families.values()]
}

/**
 * The text that Prometheus scrapes, version 0.0.4: https://prometheus.io/docs/instrumenting/exposition_formats
 * Families without a sample are left out.
 * @throws Error for a name that the format does not allow, and for one name of two types
 */
export const exposition = (metrics: readonly Metric[]): string =>
	mergeMetrics(metrics)
		.filter(({samples}) => samples.length > 0)
		.map(({name, type, help, samples}) => {
			if (!METRIC_NAME.test(name)) throw new Error(`${name} is no name of a metric: expected letters, digits, _ and :`)
			const lines = samples.map(({labels, value}) => `${name}${labelText(labels)} ${numberText(value)}`)
			return `# HELP ${name} ${escaped(help)}\n# TYPE ${name} ${type}\n${lines.join('\n')}\n`
		})
		.join('')

/** Counts by their labels. JSON: the key is the labels as JSON, in the order in which they were first given. */
export type Counts = Readonly<Record<string, number>>
/** Combinations of labels that one counter keeps: what comes after these is counted together. */
const COMBINATIONS_MAX = 200
const OTHERS = 'other'

export const counted = (counts: Counts, labels: Readonly<Record<string, string>>): Counts => {
	const key = JSON.stringify(labels)
	const room = key in counts || Object.keys(counts).length < COMBINATIONS_MAX
	const name = room ? key : JSON.stringify(Object.fromEntries(Object.keys(labels).map(label => [label, OTHERS])))
	return {...counts, [name]: (counts[name] ?? 0) + 1}
}

export const countSamples = (counts: Counts): readonly Sample[] =>
	Object.entries(counts).map(([labels, value]) => ({labels: JSON.parse(labels) as Record<string, string>, value}))
