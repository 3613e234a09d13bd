/** Entries that were given to a consumer that is not there any more. */
export type AbandonedEntries = Readonly<{consumer: string; pending: number; idle_ms: number}>

/** What one group of one stream needs. */
export type GroupRecovery = Readonly<{
	stream: string
	group: string
	/** Who reads with it; null for a group that nobody declares, which also keeps its stream from being trimmed. */
	unit: string | null
	/** Whether somebody runs that unit, and so takes over what is abandoned. */
	alive: boolean
	/** Consumers that were removed: dead, and holding nothing. */
	reaped: readonly string[]
	abandoned: readonly AbandonedEntries[]
}>

/** Groups about which there is something to say, and how many were looked at. */
export type SweepReport = Readonly<{groups: readonly GroupRecovery[]; looked_at: number}>

/** What nobody takes over by itself, one line each: the same words as long as it stands. */
export const recoveryProblems = ({groups}: SweepReport): readonly Readonly<{subject: string; message: string}>[] =>
	groups.flatMap(({stream, group, unit, alive, abandoned}) => {
		if (unit === null)
			return [{subject: stream, message: `group ${group} belongs to no unit, and keeps ${stream} from being trimmed`}]
		if (abandoned.length === 0) return []
		const held = abandoned.map(({consumer}) => consumer).join(', ')
		return [
			{
				subject: stream,
				message: alive
					? `${unit} runs and has not taken over what ${held} left behind`
					: `${unit} does not run: what ${held} left behind waits for it`,
			},
		]
	})
