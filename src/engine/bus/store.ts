/** The state commands that scripts use, as Redis means them: absent reads as undefined, numbers are text. */
export interface ScriptStore {
	get(key: string): string | undefined
	put(key: string, value: string, ttl_ms?: number): void
	remove(key: string): void
	exists(key: string): boolean
	hashGet(key: string, field: string): string | undefined
	hashPut(key: string, fields: Readonly<Record<string, string>>): void
	hashRemove(key: string, fields: readonly string[]): void
	hashSize(key: string): number
	hashAll(key: string): Readonly<Record<string, string>>
	expire(key: string, ttl_ms: number): void
	setHas(key: string, member: string): boolean
	sortedAdd(key: string, score: number, member: string): void
	sortedRemove(key: string, member: string): void
	/** Members with a score above `from` (exclusive). */
	sortedCountAbove(key: string, from: number): number
	sortedTrim(key: string, up_to: number): void
}
