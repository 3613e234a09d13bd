import {meanOf, type Window} from './window.js'

/** The newest volume over the mean of the window that ends with it; 1 where nothing was traded at all. */
export const volumeRatio = (volumes: Window): number => {
	const mean = meanOf(volumes)
	return mean === 0 ? 1 : (volumes.at(-1) ?? 0) / mean
}
