import {type AuditOptions, auditRegistry} from '../audit/audit.js'
import {atMostEvery, observeVenue} from '../audit/observe/venue.js'
import type {Home} from '../daemon/client/home.js'
import {paintFor, widthFor} from '../tui/plain/colour.js'
import {registryAuditLine, registryAuditView} from '../tui/plain/registry-audit-view.js'
import {watchLive} from './live.js'

/** The venue counts what it is asked against the address that the orders leave from. */
const VENUE_EVERY_MS = 15_000

/** Audits again and again until Ctrl-C. What cannot be looked at is said, and looked for again the next time. */
export const watchAudit = (home: Home, options: AuditOptions): Promise<void> => {
	const paint = paintFor(process.stdout, process.env)
	const venue = atMostEvery(VENUE_EVERY_MS, options.now_ms, observeVenue)
	return watchLive({
		read: () => auditRegistry(home, {...options, venue}),
		screen: report => registryAuditView(report, paint, widthFor(process.stdout)),
		foot: 'Ctrl-C leaves; qt registry audit --only <rule> shows one rule alone',
		line: registryAuditLine,
	})
}
