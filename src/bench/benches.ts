import type {Bench} from './bench.js'

/** Every bench by name; each is loaded when it is run. */
export const benches: Readonly<Record<string, () => Promise<Bench>>> = {
	'commit-path': async () => (await import('./commit-path.bench.js')).commitPath,
	admission: async () => (await import('./admission.bench.js')).admitting,
	decide: async () => (await import('./decide.bench.js')).decide,
	'order-path': async () => (await import('./order-path.bench.js')).orderPath,
	protection: async () => (await import('./protection.bench.js')).protection,
	exits: async () => (await import('./exits.bench.js')).exits,
	streams: async () => (await import('./streams.bench.js')).streams,
	reconcile: async () => (await import('./reconcile.bench.js')).reconciling,
	scale: async () => (await import('./scale.bench.js')).scale,
	kill: async () => (await import('./kill.bench.js')).killing,
	recovery: async () => (await import('./recovery.bench.js')).recovery,
	audit: async () => (await import('./audit.bench.js')).audit,
	operations: async () => (await import('./operations.bench.js')).operations,
}
