/** When each difference that stands was first seen (machine time, ms), and whether that was reported. JSON. */
export type OpenDifferences = Readonly<Record<string, Readonly<{since_ms: number; reported: boolean}>>>

/**
 * Keeps what stands and forgets what was settled. `late` names what has stood for `settle_ms` and was not reported yet:
 * what the account stream brings a little later is no difference.
 */
export const watchDifferences = (
	open: OpenDifferences,
	names: readonly string[],
	{machine_ms, settle_ms}: Readonly<{machine_ms: number; settle_ms: number}>,
): Readonly<{open: OpenDifferences; late: ReadonlySet<string>}> => {
	const late = new Set(
		names.filter(name => {
			const known = open[name]
			return known !== undefined && !known.reported && machine_ms - known.since_ms >= settle_ms
		}),
	)
	const next = names.map(name => {
		const known = open[name] ?? {since_ms: machine_ms, reported: false}
		return [name, late.has(name) ? {...known, reported: true} : known] as const
	})
	return {open: Object.fromEntries(next), late}
}
