import type {Bench} from './bench.js'

/** Every bench by name; each is loaded when it is run. */
export const benches: Readonly<Record<string, () => Promise<Bench>>> = {
	'commit-path': async () => (await import('./commit-path.bench.js')).commitPath,
	decide: async () => (await import('./decide.bench.js')).decide,
	'order-path': async () => (await import('./order-path.bench.js')).orderPath,
	operations: async () => (await import('./operations.bench.js')).operations,
}
