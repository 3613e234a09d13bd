import {setTimeout as pause} from 'node:timers/promises'
import type {FaultKind, FaultKinds} from './fault.js'
import type {OrderFate, Relay} from './proxy.js'

const orders = (fate: OrderFate, weight: number): FaultKind => ({
	group: 'network',
	weight,
	times: [1, 2],
	strike: async ({proxy}, {times}) => {
		proxy.strike(fate, times)
		return `the next ${times}`
	},
})

/** Holds for a while; what comes later in the schedule may begin meanwhile, and the last one to end makes it a plain line. */
const spell = (begin: (proxy: Relay) => void, end: (proxy: Relay) => void): FaultKind => ({
	group: 'network',
	weight: 2,
	ms: [500, 4_000],
	strike: async ({proxy}, {ms}) => {
		begin(proxy)
		await pause(ms)
		end(proxy)
		return `for ${ms} ms`
	},
})

const LATENCY_MS = 400

/** What the way to the venue does, by the proxy that all hosts go through. */
export const networkFaults: FaultKinds = {
	'order never arrives': orders('swallow', 3),
	'answer to an order never arrives': orders('mute', 5),
	'connections reset': {
		group: 'network',
		weight: 3,
		strike: async ({proxy}) => `${proxy.reset()} of them`,
	},
	'connections half open': {
		group: 'network',
		weight: 2,
		strike: async ({proxy}) => `${proxy.halfOpen()} of them`,
	},
	'slow line': spell(
		proxy => {
			proxy.latency_ms = LATENCY_MS
		},
		proxy => {
			proxy.latency_ms = 0
		},
	),
	'connections refused': spell(
		proxy => {
			proxy.refuses = true
			proxy.reset()
		},
		proxy => {
			proxy.refuses = false
		},
	),
}
