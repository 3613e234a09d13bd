/** What an arm file holds. Sending needs `armed` and an `epoch` equal to the one in Redis. */
export type ArmRecord = Readonly<{
	epoch: number
	armed: boolean
	mode: string
	by: string
	reason: string
	/** Machine time at which it was written, ms. */
	time_ms: number
}>

const FIELDS = 6

/**
 * Whether it is an arm record and nothing else: by this one rule the gateway sends and an operator is told.
 * Without a library, because `qt kill` must not wait for one to load.
 */
export const isArmRecord = (value: unknown): value is ArmRecord => {
	const {epoch, armed, mode, by, reason, time_ms} = (value ?? {}) as Partial<ArmRecord>
	return (
		Object.keys(value ?? {}).length === FIELDS &&
		Number.isSafeInteger(epoch) &&
		Number(epoch) >= 0 &&
		typeof armed === 'boolean' &&
		[mode, by, reason].every(text => typeof text === 'string') &&
		Number.isFinite(time_ms)
	)
}
