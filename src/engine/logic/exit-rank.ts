/**
 * Who goes first when several want to close the same position: an exit takes over the lock of one of lower rank that
 * has not been sent yet. Whoever is not named ranks below all that are: strategies that close by an intent.
 */
export const exitRanks: Readonly<Record<string, number>> = {
	operator: 9,
	'ess-trigger': 8,
	// What cannot be protected is closed at once.
	execution: 7,
	'exit-monitor': 6,
	exitbrain: 5,
	'reconcile-engine': 4,
	'harvest-brain': 3,
	'exposure-balancer': 2,
}
const OTHERS = 1

export const exitRank = (source: string): number => exitRanks[source] ?? OTHERS
