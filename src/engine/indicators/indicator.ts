/**
 * A streaming indicator: a pure reducer over closed candles. Its state is JSON, so that a snapshot holds it;
 * `value` is undefined until enough candles have been seen.
 */
export type Indicator<State, Input, Value> = Readonly<{
	initial: State
	next: (state: State, input: Input) => State
	value: (state: State) => Value | undefined
}>

/** What indicators need of a candle, in price units. */
export type Bar = Readonly<{high: number; low: number; close: number}>
