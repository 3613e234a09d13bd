/** Further away than this a suggestion would confuse more than it helps. */
const editsMax = 3

function edits(left: string, right: string): number {
	let previous = Array.from({length: right.length + 1}, (_, index) => index)
	for (let row = 1; row <= left.length; row += 1) {
		const current = [row]
		for (let column = 1; column <= right.length; column += 1) {
			const swap = (previous[column - 1] ?? 0) + (left[row - 1] === right[column - 1] ? 0 : 1)
			current[column] = Math.min(swap, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1)
		}
		previous = current
	}
	return previous[right.length] ?? 0
}

/** The known name nearest to a mistyped one, or undefined when none is near. */
export function closestName(typed: string, known: Iterable<string>): string | undefined {
	let best: {name: string; distance: number} | undefined
	for (const name of known) {
		const distance = edits(typed.toLowerCase(), name.toLowerCase())
		if (distance <= Math.min(editsMax, Math.floor(name.length / 2)) && (!best || distance < best.distance))
			best = {name, distance}
	}
	return best?.name
}
