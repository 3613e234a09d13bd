/** Who changed the execution switch last, and why. */
export type ExecutionChange = Readonly<{
	what: string
	by: string
	reason: string
	/** Machine time, ms. */
	time_ms: number
}>

/** From the fields of the hash in Redis; null when nobody ever changed it. */
export const executionChangeOf = ({
	what,
	by = '',
	reason = '',
	time_ms = '0',
}: Readonly<Record<string, string>>): ExecutionChange | null =>
	what === undefined ? null : {what, by, reason, time_ms: Number(time_ms)}
