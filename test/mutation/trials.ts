import {readFileSync} from 'node:fs'
import * as fc from 'fast-check'
import type {RedisBus} from '../../src/engine/adapters/redis/redis-bus.js'
import {MemoryBus} from '../../src/engine/bus/memory-bus.js'
import {Naming} from '../../src/engine/contracts/naming.js'
import {examples} from '../engine/scripts/examples.js'
import {now, world} from '../engine/scripts/histories.js'
import {history, inMemory, onRedis, play} from '../engine/scripts/play.js'
import {busExamples} from './bus-examples.js'
import {busHistory, playOnBus} from './bus-histories.js'
import {type Mutant, mutantsOf} from './lua-mutants.js'
import {lookOnRedis, lookPlainly, quietState} from './quiet-histories.js'
import {reapExamples, reapHistory, reapOnRedis, reapPlainly} from './reap-histories.js'
import {recountExamples, recountHistory, recountOnRedis, recountPlainly} from './recount-histories.js'
import {replayExamples, replayHistory, replayOnRedis, replayPlainly} from './replay-histories.js'
import {surveyExamples, surveyHistory, surveyOnRedis} from './survey-histories.js'

/** Something to do on a Redis, and what must come of it by the model. */
export type Trial = Readonly<{name: string; run(bus: RedisBus, prefix: string): Promise<unknown>; expected: unknown}>
export type Suite = Readonly<{files: readonly string[]; trials(seed: number, count: number): Promise<Trial[]>}>

const PREFIX = 'm:'

const scriptTrials = async (seed: number, count: number): Promise<Trial[]> => {
	const chance = fc.sample(fc.tuple(world, history), {seed, numRuns: count})
	return Promise.all(
		[...examples, ...chance].map(async ([w, ops], index) => ({
			name: index < examples.length ? `example ${index}` : `history ${index - examples.length}`,
			run: (bus: RedisBus, prefix: string) => play(onRedis(bus), new Naming(prefix), w, ops),
			expected: await play(inMemory(), new Naming(PREFIX), w, ops),
		})),
	)
}

const memory = () => new MemoryBus({now: () => now})
const busTrials = async (seed: number, count: number): Promise<Trial[]> =>
	Promise.all(
		[...busExamples, ...fc.sample(busHistory, {seed, numRuns: count})].map(async (one, index) => ({
			name: `work on the bus ${index}`,
			run: (bus: RedisBus, prefix: string) => playOnBus(bus, prefix, one),
			expected: await playOnBus(memory(), PREFIX, one),
		})),
	)

const quietTrials = async (seed: number, count: number): Promise<Trial[]> =>
	Promise.all(
		fc.sample(quietState, {seed, numRuns: count}).map(async (state, index) => ({
			name: `state ${index}`,
			run: (bus: RedisBus, prefix: string) => lookOnRedis(bus, prefix, state),
			expected: await lookPlainly(memory(), PREFIX, state),
		})),
	)

const reapTrials = async (seed: number, count: number): Promise<Trial[]> =>
	[...reapExamples, ...fc.sample(reapHistory, {seed, numRuns: count})].map((one, index) => ({
		name: `work of consumers ${index}`,
		run: (bus: RedisBus, prefix: string) => reapOnRedis(bus, prefix, one),
		expected: reapPlainly(one),
	}))

const replayTrials = async (seed: number, count: number): Promise<Trial[]> =>
	[...replayExamples, ...fc.sample(replayHistory, {seed, numRuns: count})].map((one, index) => ({
		name: `dead letters ${index}`,
		run: (bus: RedisBus, prefix: string) => replayOnRedis(bus, prefix, one),
		expected: replayPlainly(one),
	}))

const recountTrials = async (seed: number, count: number): Promise<Trial[]> =>
	[...recountExamples, ...fc.sample(recountHistory, {seed, numRuns: count})].map((one, index) => ({
		name: `counters of groups ${index}`,
		run: (bus: RedisBus, prefix: string) => recountOnRedis(bus, prefix, one),
		expected: recountPlainly(one),
	}))

const surveyTrials = async (seed: number, count: number): Promise<Trial[]> =>
	[...surveyExamples, ...fc.sample(surveyHistory, {seed, numRuns: count})].map((one, index) => ({
		name: `stream ${index}`,
		run: (bus: RedisBus, prefix: string) => surveyOnRedis(bus, prefix, one),
		expected: [],
	}))

const inFolder = (folder: string, ...names: string[]) => names.map(name => `${folder}/${name}.lua`)

/** Which trials judge which scripts. */
export const suites: readonly Suite[] = [
	{
		files: inFolder('src/engine/scripts', 'admission', 'settle', 'take-permit', 'latch', 'execution-switch'),
		trials: scriptTrials,
	},
	{files: inFolder('src/engine/adapters/redis', 'commit', 'lease', 'trim', 'read'), trials: busTrials},
	{files: inFolder('src/engine/adapters/redis', 'quiet', 'stream-id'), trials: quietTrials},
	{files: inFolder('src/engine/adapters/redis', 'reap'), trials: reapTrials},
	{files: inFolder('src/engine/adapters/redis', 'replay'), trials: replayTrials},
	{files: inFolder('src/engine/adapters/redis', 'recount'), trials: recountTrials},
	{files: inFolder('src/engine/adapters/redis', 'survey'), trials: surveyTrials},
]

export const scriptText = (file: string): string => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8')
export const mutantsIn = ({files}: Suite): Mutant[] => files.flatMap(file => mutantsOf(file, scriptText(file)))

const ordered = (_: string, value: unknown): unknown => {
	if (value === undefined) return 'nothing'
	if (value === null || typeof value !== 'object' || Array.isArray(value)) return value
	return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** An answer as text. Names of keys stand in answers too: the model's prefix becomes the run's. */
export const asText = (value: unknown, prefix: string): string =>
	JSON.stringify(value, ordered).replaceAll(PREFIX, prefix)
