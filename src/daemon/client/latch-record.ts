import type {ArmRecord} from '../../engine/exchange/arm-record.js'

/** The kill latch as it stands in Redis. */
export type Latch = Readonly<{
	/** Sending is stopped: the kill key holds anything but a 0, or nobody armed. */
	killed: boolean
	/** Somebody has ever used the latch. */
	known: boolean
	record: ArmRecord
}>

/** From the value of the kill key and the fields of the arm hash. */
export const latchFrom = (kill: string | undefined | null, arm: Readonly<Record<string, string>>): Latch => ({
	killed: kill !== '0' || arm.armed !== '1',
	known: arm.epoch !== undefined,
	record: {
		epoch: Number(arm.epoch ?? 0),
		armed: arm.armed === '1',
		mode: arm.mode ?? '',
		by: arm.by ?? '',
		reason: arm.reason ?? '',
		time_ms: Number(arm.time_ms ?? 0),
	},
})
