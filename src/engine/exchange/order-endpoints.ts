/** Requests that create or enlarge an order, or change what an entry costs: they pass the fence. */
const FENCED: readonly (readonly [method: string, path: RegExp])[] = [
	['POST', /\/(order|algoOrder|batchOrders|leverage)$/],
	['PUT', /\/(order|batchOrders)$/],
]

/** Whether the fence must be asked before this request may leave. Cancels and queries pass. */
export const isFenced = (method: string, url: string): boolean => {
	const path = url.split('?', 1)[0] ?? ''
	return FENCED.some(([verb, pattern]) => verb === method && pattern.test(path))
}
