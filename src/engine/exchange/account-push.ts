import type {ResumePoint} from './account-cursor.js'
import type {NormalizedEvent} from './normalise.js'

/** What the feed pushes: what came, what it means, and from where to go on once it has been committed. */
export type AccountPush = Readonly<{
	/** As received; `rest/userTrades`, `rest/income` and `connection` for what no message told. */
	raw: Readonly<{channel: string; body: string}>
	events: readonly NormalizedEvent[]
	/** Venue time of the event, ms. */
	venue_ms: number
	checkpoint?: ResumePoint
}>
