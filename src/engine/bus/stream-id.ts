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

const SEQUENCE_MAX = '18446744073709551615'

/** The largest id below this one: a place, no entry needs to have it. `0-0` has none below it, and stays. */
export const previousId = (id: string): string => {
	const [ms, seq] = parts(id)
	if (seq > 0) return `${ms}-${seq - 1}`
	return ms > 0 ? `${ms - 1}-${SEQUENCE_MAX}` : id
}

/** Machine time at which the server accepted the entry, ms. */
export const idTime = (id: string): number => parts(id)[0]
