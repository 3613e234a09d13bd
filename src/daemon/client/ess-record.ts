/** What the Emergency Stop System last said. */
export type EssBrief = Readonly<{
	/** NORMAL, WARNING or CRITICAL. */
	state: string
	/** What decided it; NONE where every rule holds. */
	rule: string
	used: string
	limit: string
	/** Venue time, ms. */
	since_ms: number
	/** Machine time at which this was last confirmed, ms. */
	machine_ms: number
}>

/** It is confirmed every second: ten times missed is no accident, not even on a busy machine. */
export const ESS_STALE_MS = 10_000

/** From the fields of the key; null when nobody has written it yet. */
export const essBriefOf = ({
	state,
	rule = '',
	used = '',
	limit = '',
	since_ms = '0',
	machine_ms = '0',
}: Readonly<Record<string, string>>): EssBrief | null =>
	state === undefined ? null : {state, rule, used, limit, since_ms: Number(since_ms), machine_ms: Number(machine_ms)}

/** What the ESS has against arming; undefined when it is not CRITICAL, and says so now. */
export const essAgainst = (brief: EssBrief | null, now_ms: number): string | undefined => {
	if (!brief) return 'the ESS has not spoken yet'
	const {state, rule, used, limit, machine_ms} = brief
	if (state === 'CRITICAL')
		return `the ESS is CRITICAL: ${rule} at ${used} of ${limit}; reset it by: qt ess reset --reason`
	const age_ms = now_ms - machine_ms
	return age_ms <= ESS_STALE_MS ? undefined : `the ESS has been silent for ${Math.round(age_ms / 1_000)} s`
}
