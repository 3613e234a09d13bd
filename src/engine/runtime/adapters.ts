/** Carries out one kind of effect of one unit. Throwing means that the effect certainly did not happen. */
export type EffectAdapter = Readonly<{
	perform(
		request: unknown,
		info: Readonly<{idempotency_key: string; recovered: boolean; signal: AbortSignal}>,
	): Promise<unknown>
}>

/** Pushes events from outside into a unit until the signal aborts. */
export type FeedAdapter = Readonly<{
	/** `push` resolves when there is room for more; money feeds wait for it. */
	run(push: (event: unknown) => Promise<void>, signal: AbortSignal): Promise<void>
	/**
	 * False while something that the source has said, or may be saying, is still to be pushed: it is being fetched, or the
	 * connection is down. In lock-step the market waits for that. Left out: what arrives is pushed at once.
	 */
	settled?(): boolean
}>

export type UnitAdapters = Readonly<{
	feeds: Readonly<Record<string, FeedAdapter>>
	effects: Readonly<Record<string, EffectAdapter>>
}>
export const noAdapters: UnitAdapters = {feeds: {}, effects: {}}
