import type {Window} from './window.js'

/** Log return over the last `bars` candles; undefined while the window of closes is too short. */
export const logReturn = (closes: Window, bars: number): number | undefined => {
	const [now, then] = [closes.at(-1), closes.at(-1 - bars)]
	return now === undefined || then === undefined ? undefined : Math.log(now / then)
}
