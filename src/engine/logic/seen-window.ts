/**
 * Which venue ids have been seen. Trade ids ascend per symbol, but a back-fill after a gap brings older ones,
 * so the newest id alone would lose fills. The newest ids are kept one by one; what is older than all of them
 * counts as seen, so that the window stays bounded and nothing is taken twice, however late.
 */
export type SeenWindow = Readonly<{
	/** Every id up to this one counts as seen; empty until the window has overflowed. */
	floor: string
	/** Ids above the floor, ascending. */
	ids: readonly string[]
}>

export const emptyWindow: SeenWindow = {floor: '', ids: []}

/** Numbers by size, whatever their length; other ids in a fixed order. */
export const compareVenueIds = (first: string, second: string): number =>
	first.length === second.length ? (first < second ? -1 : first > second ? 1 : 0) : first.length - second.length

export const hasSeen = ({floor, ids}: SeenWindow, id: string): boolean =>
	(floor !== '' && compareVenueIds(id, floor) <= 0) || ids.includes(id)

/** The window with one id more, and the ids that it no longer names one by one. */
export const see = (window: SeenWindow, id: string, size: number): {window: SeenWindow; dropped: readonly string[]} => {
	const at = window.ids.findIndex(known => compareVenueIds(known, id) > 0)
	const ids = at === -1 ? [...window.ids, id] : window.ids.toSpliced(at, 0, id)
	const dropped = ids.slice(0, Math.max(0, ids.length - size))
	return {window: {floor: dropped.at(-1) ?? window.floor, ids: ids.slice(dropped.length)}, dropped}
}

/** Ids without an order of their own: the newest by arrival. */
export const remember = (ids: readonly string[], id: string, size: number): readonly string[] =>
	[...ids, id].slice(-size)
