import type {Redis} from 'ioredis'
import {commitArguments, packed} from '../engine/adapters/redis/commit-arguments.js'
import {connectRedis} from '../engine/adapters/redis/connect.js'
import {runCommit} from '../engine/adapters/redis/scripts.js'
import {Naming} from '../engine/contracts/naming.js'
import {admission} from '../engine/scripts/admission.js'
import {admitted, openWorld, type PlanCall, planCalls} from './admission-world.js'
import {type Bench, inTurn, ratiosOf, type Sample, sampleOf, spreadOf} from './bench.js'

const DECISIONS = 3_000
/** What every gate, the reservation and the permit may cost beside a script that only answers. */
const SHARE_OF_BARE = 0.4

const naming = new Naming('bench:')

const branches = Object.fromEntries(Object.keys(admission.outcomes).map(outcome => [outcome, []]))
const wordsOf = ({args}: PlanCall): string => {
	const values = admission.args.map(name => args[name] ?? '')
	return packed(commitArguments({fence: undefined, acknowledge: [], args: values, branches, fill: false}))
}

const namesOf = ({keys}: PlanCall): string[] => Object.keys(admission.keys).map(name => keys[name] ?? '')

type Ask = () => Promise<unknown>

/** The decision on a plan, as the governor's host has it taken. @throws Error when it is not allowed */
const decisionOf = (redis: Redis, call: PlanCall): (() => Promise<readonly string[]>) => {
	const [names, words] = [namesOf(call), wordsOf(call)]
	return async () => admitted(await runCommit(redis, admission, names, words))
}

/** One by one; how long each took, µs, goes to `times`. */
const sampleAsks = (redis: Redis, asks: readonly Ask[], times: number[]): Promise<Sample> =>
	sampleOf(redis, asks.length, async () => {
		for (const ask of asks) {
			const begun = performance.now()
			await ask()
			times.push((performance.now() - begun) * 1_000)
		}
	})

/** Plans that pass every gate, each of a symbol of its own. */
const admissionSample = async (redis: Redis, count: number, times: number[]): Promise<Sample> => {
	const decisions = planCalls(naming, count).map(call => decisionOf(redis, call))
	await openWorld(redis, naming, count)
	const sample = await sampleAsks(redis, decisions, times)
	await redis.flushall()
	return sample
}

/** The answer of one admission. */
const answerOf = async (redis: Redis): Promise<readonly string[]> => {
	const [call] = planCalls(naming, 1)
	if (!call) throw new Error('No plan was made')
	await openWorld(redis, naming, 1)
	const answer = await decisionOf(redis, call)()
	await redis.flushall()
	return answer
}

/** A script that does nothing but give the same answer, called with nothing, or as the decision is. */
const bareSample = async (
	redis: Redis,
	{count, called}: Readonly<{count: number; called: 'alone' | 'alike'}>,
	times: number[],
): Promise<Sample> => {
	const texts = (await answerOf(redis)).map(text => `'${text}'`)
	const sha = (await redis.script('LOAD', `return {${texts.join(', ')}}`)) as string
	const asks = planCalls(naming, count).map(call => {
		const [names, words] = called === 'alone' ? [[], []] : [namesOf(call), [wordsOf(call)]]
		return () => redis.evalsha(sha, names.length, ...names, ...words)
	})
	return sampleAsks(redis, asks, times)
}

export const admitting: Bench = {
	name: 'admission',
	summary: 'The whole decision on an entry, every gate passed and all reserved, beside a script that only answers.',
	run: async ({redis_url, scale, rounds}) => {
		const redis = connectRedis(redis_url)
		const count = Math.max(1, Math.round(DECISIONS * scale))
		const [bare, alike, whole] = [[] as number[], [] as number[], [] as number[]]
		const unit = 'decisions/s'
		const measurements = await inTurn(
			[
				{name: 'bare-evalsha', unit, measure: () => bareSample(redis, {count, called: 'alone'}, bare)},
				{name: 'bare, called alike', unit, measure: () => bareSample(redis, {count, called: 'alike'}, alike)},
				{name: 'admission', unit, measure: () => admissionSample(redis, count, whole)},
			],
			rounds,
		)
		redis.disconnect()
		return {
			measurements,
			ratios: ratiosOf(measurements, [
				['admission', 'bare-evalsha', SHARE_OF_BARE],
				['admission', 'bare, called alike'],
			]),
			floors: [],
			spreads: [
				spreadOf('one bare answer', 'µs', bare),
				spreadOf('the same, called alike', 'µs', alike),
				spreadOf('one admission', 'µs', whole),
			],
			notes: [
				`${count} plans in each round, one after the other; the answers are of the same size`,
				`called alike: with the ${Object.keys(admission.keys).length} keys and ${admission.args.length} arguments of the decision`,
			],
		}
	},
}
