/** The newest values, oldest first. Recomputed from, never updated by difference: sums do not drift. */
export type Window = readonly number[]

export const slide = (window: Window, value: number, length: number): Window =>
	window.length < length ? [...window, value] : [...window.slice(window.length - length + 1), value]

export const meanOf = (window: Window): number => {
	let sum = 0
	for (const value of window) sum += value
	return sum / window.length
}
