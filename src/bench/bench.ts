import type {Redis} from 'ioredis'
import {serverFigure} from './server-info.js'

/** One figure. */
export type Measurement = Readonly<{
	name: string
	/** The median over the rounds. */
	value: number
	unit: string
	/** Every round, in order. */
	rounds: readonly number[]
	/** Medians of the processor time per event, µs. */
	client_us: number
	server_us: number
	note?: string
}>

/** Two figures of one run against each other: what stays comparable on a busy machine. */
export type Ratio = Readonly<{name: string; value: number; floor?: number}>
/** A figure that is asked for as such. */
export type Floor = Readonly<{name: string; value: number; unit: string; floor: number}>
/** What took how long, or needed how much, in every case that was seen; `ceiling` bounds the median, or what is said. */
export type Spread = Readonly<{
	name: string
	unit: string
	count: number
	p50: number
	p99: number
	max: number
	ceiling?: number
	bounds?: 'p50' | 'p99'
}>

export type BenchResult = Readonly<{
	measurements: readonly Measurement[]
	ratios: readonly Ratio[]
	floors: readonly Floor[]
	spreads?: readonly Spread[]
	notes: readonly string[]
}>

export type BenchContext = Readonly<{
	/** `unix:` address of a server that holds nothing else. */
	redis_url: string
	/** Shares of the full size, for a quick look: 1 is the real thing. */
	scale: number
	rounds: number
}>

export type Bench = Readonly<{name: string; summary: string; run: (context: BenchContext) => Promise<BenchResult>}>

export const median = (values: readonly number[]): number => {
	const sorted = values.toSorted((a, b) => a - b)
	const middle = sorted.length >> 1
	const upper = sorted[middle] ?? Number.NaN
	return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2
}

/** What one measurement of a contender gave. */
export type Sample = Readonly<{
	per_s: number
	/** Processor time per event, µs: what stays true while others keep the machine busy. */
	client_us: number
	server_us: number
}>

export type Contender = Readonly<{
	name: string
	unit: string
	note?: string
	measure: (round: number) => Promise<Sample>
}>

/** Measures the contenders in turn, round by round, so that a busy moment does not fall on one of them alone. */
export const inTurn = async (contenders: readonly Contender[], rounds: number): Promise<Measurement[]> => {
	const samples = contenders.map((): Sample[] => [])
	for (let round = 0; round < rounds; round += 1)
		for (const [index, contender] of contenders.entries()) samples[index]?.push(await contender.measure(round))
	return contenders.map(({name, unit, note}, index) => {
		const each = samples[index] ?? []
		const rates = each.map(({per_s}) => per_s)
		return {
			name,
			unit,
			value: median(rates),
			rounds: rates,
			client_us: median(each.map(({client_us}) => client_us)),
			server_us: median(each.map(({server_us}) => server_us)),
			...(note && {note}),
		}
	})
}

export const figureOf = (measurements: readonly Measurement[], name: string): number | undefined =>
	measurements.find(measurement => measurement.name === name)?.value

/** The ratios of pairs of which both were measured. */
export const ratiosOf = (
	measurements: readonly Measurement[],
	pairs: ReadonlyArray<readonly [above: string, below: string, floor?: number]>,
): Ratio[] =>
	pairs.flatMap(([above, below, floor]) => {
		const [a, b] = [figureOf(measurements, above), figureOf(measurements, below)]
		if (a === undefined || b === undefined) return []
		return [{name: `${above} / ${below}`, value: a / b, ...(floor !== undefined && {floor})}]
	})

const serverCpuUs = async (redis: Redis): Promise<number> => {
	const [user, system] = await Promise.all([
		serverFigure(redis, 'cpu', 'used_cpu_user'),
		serverFigure(redis, 'cpu', 'used_cpu_sys'),
	])
	return (user + system) * 1e6
}

/** Times a task that handles `count` events, with what it costs the client and the server. */
export const sampleOf = async (redis: Redis, count: number, task: () => Promise<void>): Promise<Sample> => {
	const server = await serverCpuUs(redis)
	const client = process.cpuUsage()
	const begun = performance.now()
	await task()
	const ms = performance.now() - begun
	const {user, system} = process.cpuUsage(client)
	return {
		per_s: (count / ms) * 1_000,
		client_us: (user + system) / count,
		server_us: ((await serverCpuUs(redis)) - server) / count,
	}
}

/** @param share from 0 to 1; the nearest rank, NaN of nothing */
export const percentile = (values: readonly number[], share: number): number => {
	const sorted = values.toSorted((a, b) => a - b)
	return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN
}

export const spreadOf = (
	name: string,
	unit: string,
	values: readonly number[],
	ceiling?: number,
	bounds?: Spread['bounds'],
): Spread => ({
	name,
	unit,
	count: values.length,
	p50: percentile(values, 0.5),
	p99: percentile(values, 0.99),
	max: percentile(values, 1),
	...(ceiling !== undefined && {ceiling}),
	...(bounds && {bounds}),
})
