import type {StreamContract} from '../stream.js'
import * as account from './account.js'
import * as exits from './exits.js'
import * as market from './market.js'
import * as observe from './observe.js'
import * as ops from './ops.js'
import * as portfolio from './portfolio.js'
import * as risk from './risk.js'
import * as trade from './trade.js'

const isStream = (value: unknown): value is StreamContract =>
	typeof value === 'object' && value !== null && (value as {kind?: unknown}).kind === 'stream'

/** Every declared stream; declaring one in this folder is all that it takes. */
export const streams: readonly StreamContract[] = [market, account, portfolio, risk, trade, exits, observe, ops]
	.flatMap(module => Object.values(module) as readonly unknown[])
	.filter(isStream)
	.sort((a, b) => (a.name < b.name ? -1 : 1))

export const streamByName: ReadonlyMap<string, StreamContract> = new Map(streams.map(stream => [stream.name, stream]))

/** Written once, reported as RETIRED when found. */
export const retiredStreams = [{name: 'harvest.intent', summary: 'legacy name without producer or consumer'}] as const
