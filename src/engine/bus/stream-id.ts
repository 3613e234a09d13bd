const parts = (id: string): [number, number] => {
	const [ms = '0', seq = '0'] = id.split('-')
	return [Number(ms), Number(seq)]
}

/** Order of two stream ids `<ms>-<sequence>`. */
export const compareIds = (a: string, b: string): number => {
	const [aMs, aSeq] = parts(a)
	const [bMs, bSeq] = parts(b)
	return aMs - bMs || aSeq - bSeq
}

/** The smallest id above this one. */
export const nextId = (id: string): string => {
	const [ms, seq] = parts(id)
	return `${ms}-${seq + 1}`
}

/** Machine time at which the server accepted the entry, ms. */
export const idTime = (id: string): number => parts(id)[0]
