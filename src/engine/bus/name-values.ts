/** Names and values that follow one another, as an object. */
export const objectOf = <Value>(flat: readonly Value[] | null): Record<string, Value> => {
	const object: Record<string, Value> = {}
	for (let index = 0; flat && index + 1 < flat.length; index += 2) {
		const [name, value] = [String(flat[index]), flat[index + 1] as Value]
		// A plain assignment would lose a field of this name.
		if (name === '__proto__')
			Object.defineProperty(object, name, {value, enumerable: true, configurable: true, writable: true})
		else object[name] = value
	}
	return object
}
