/** What the daemon's control server answers: the one contract between it and its clients. */

export type UnitState = 'RUNNING' | 'STARTING' | 'STOPPED' | 'FAILED' | 'NOT APPLICABLE'

export type UnitStatus = Readonly<{
	name: string
	target: string
	process: string
	state: UnitState
	pid: number | null
	port: number | null
	/** Inputs handled since its process started; null while it cannot be asked. */
	handled: number | null
	dead_lettered: number | null
	last_turn_age_ms: number | null
	/** How old this is where its process has not answered since, ms; null or left out where it answers. */
	stale_ms?: number | null
	reason: string | null
}>

export type StageStatus = Readonly<{
	name: string
	open: boolean
	requires: readonly string[]
	/** Units and stages that keep it shut. */
	blocked_by: readonly string[]
}>

/** A supervised process as the client reads it; the supervisor tells more. */
export type ProcessReport = Readonly<{
	name: string
	state: string
	phase: string
	pid: number | null
	generation: number
	adopted: boolean
	started_at: string | null
	ready: boolean
	ready_reason: string | null
	restarts_in_window: number
	last_error: string | null
}>

export type Alarm = Readonly<{at: string; message: string}>
export type Market = Readonly<{kind: string}> & Readonly<Record<string, unknown>>

/** How the market stands in lock-step. WAITING: for the stages to open, or for what keeps it from moving. */
export type LockstepStatus = Readonly<{
	state: 'WAITING' | 'RUNNING' | 'ENDED'
	/** Venue time reached; null before the venue has told it. */
	venue_ms: number | null
	steps: number
}>

/** `GET /status` */
export type DaemonStatus = Readonly<{
	pid: number
	version: string
	home: string
	started_at: string
	mode: string
	market: Market
	speed: number | 'lockstep'
	/** The version of the policy that the hosts work under: while they take over a newer one, the lowest. */
	policy_version?: number
	/** Null, or left out by older daemons, at any other speed than lock-step. */
	lockstep?: LockstepStatus | null
	stages: readonly StageStatus[]
	processes: readonly ProcessReport[]
	units: readonly UnitStatus[]
	redis: Readonly<{url: string; pid: number | null}>
	venue: Readonly<{rest: string | null; ws: string | null}>
	alarms: readonly Alarm[]
}>

/** `POST /stop` */
export type StopAnswer = Readonly<{stopped: readonly string[]; killed: readonly string[]}>

/** Body of a refusal, with HTTP 4xx. */
export type ControlError = Readonly<{error: Readonly<{message: string; hint?: string; exit_code?: number}>}>
