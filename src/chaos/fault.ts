import type {Stage} from './stage.js'

export const GROUPS = ['process', 'venue', 'account', 'network', 'disk', 'people'] as const
export type Group = (typeof GROUPS)[number]

/** When a fault strikes: at its time, or at the next moment at which an order is on its way. */
export type Aim = 'time' | 'verdict' | 'request' | 'answer'

/** One fault of a schedule: all that chance decided about it. */
export type Fault = Readonly<{
	/** From the beginning of the faults, machine time. */
	at_ms: number
	kind: string
	/** Process that it strikes; empty for faults of the venue, the network and people. */
	process: string
	aim: Aim
	/** How long it lasts, or by how much something is off; 0 where that means nothing. */
	ms: number
	/** How many requests or messages it strikes. */
	times: number
}>

/** One kind of fault: how often it is drawn, in which bounds, and how it is done to a running system. */
export type FaultKind = Readonly<{
	group: Group
	weight: number
	/** It strikes one of the system's processes. */
	process?: boolean
	ms?: readonly [low: number, high: number]
	times?: readonly [low: number, high: number]
	/** Resolves when it is done, with what it did. @throws what kept it from being done */
	strike: (stage: Stage, fault: Fault) => Promise<string>
}>
export type FaultKinds = Readonly<Record<string, FaultKind>>
