import type {Write} from './bus.js'
import type {ScriptStore} from './store.js'

type Value =
	| {type: 'string'; value: string}
	| {type: 'hash'; value: Map<string, string>}
	| {type: 'set'; value: Set<string>}
	| {type: 'zset'; value: Map<string, number>}

/** Redis keys in memory. Expiry is not modelled: no decision may hang on it. */
export class MemoryStore implements ScriptStore {
	readonly #values = new Map<string, Value>()

	get(key: string): string | undefined {
		const found = this.#of(key, 'string')
		return found?.value
	}
	put(key: string, value: string): void {
		this.#values.set(key, {type: 'string', value})
	}
	remove(key: string): void {
		this.#values.delete(key)
	}
	exists(key: string): boolean {
		return this.#values.has(key)
	}
	hashGet(key: string, field: string): string | undefined {
		return this.#of(key, 'hash')?.value.get(field)
	}
	hashPut(key: string, fields: Readonly<Record<string, string>>): void {
		const hash = this.#of(key, 'hash')?.value ?? new Map<string, string>()
		for (const [name, value] of Object.entries(fields)) hash.set(name, value)
		if (hash.size > 0) this.#values.set(key, {type: 'hash', value: hash})
	}
	hashRemove(key: string, fields: readonly string[]): void {
		const hash = this.#of(key, 'hash')?.value
		for (const name of fields) hash?.delete(name)
		if (hash?.size === 0) this.#values.delete(key)
	}
	hashSize(key: string): number {
		return this.#of(key, 'hash')?.value.size ?? 0
	}
	hashAll(key: string): Readonly<Record<string, string>> {
		return Object.fromEntries(this.#of(key, 'hash')?.value ?? [])
	}
	expire(): void {
		// Expiry collects garbage only.
	}
	sortedAdd(key: string, score: number, member: string): void {
		const zset = this.#of(key, 'zset')?.value ?? new Map<string, number>()
		zset.set(member, score)
		this.#values.set(key, {type: 'zset', value: zset})
	}
	sortedRemove(key: string, member: string): void {
		const zset = this.#of(key, 'zset')?.value
		zset?.delete(member)
		if (zset?.size === 0) this.#values.delete(key)
	}
	sortedCountAbove(key: string, from: number): number {
		return [...(this.#of(key, 'zset')?.value.values() ?? [])].filter(score => score > from).length
	}
	sortedTrim(key: string, up_to: number): void {
		for (const [member, score] of this.#of(key, 'zset')?.value ?? []) if (score <= up_to) this.sortedRemove(key, member)
	}
	setHas(key: string, member: string): boolean {
		return this.#of(key, 'set')?.value.has(member) ?? false
	}
	members(key: string): readonly string[] {
		return [...(this.#of(key, 'set')?.value ?? [])].sort()
	}

	/** @throws Error when the key holds another type than the write needs. */
	check(write: Exclude<Write, {op: 'append'}>): void {
		if (write.op === 'remove-fields' || (write.op === 'put-hash' && !write.replace)) this.#of(write.key, 'hash')
		if (write.op === 'add-members' || write.op === 'remove-members') this.#of(write.key, 'set')
	}

	/** Carries out a write other than an append. */
	apply(write: Exclude<Write, {op: 'append'}>): void {
		switch (write.op) {
			case 'put-hash':
				if (write.replace) this.remove(write.key)
				this.hashPut(write.key, write.fields)
				break
			case 'remove-fields':
				this.hashRemove(write.key, write.fields)
				break
			case 'put-string':
				this.put(write.key, write.value)
				break
			case 'add-members': {
				const set = this.#of(write.key, 'set')?.value ?? new Set<string>()
				for (const member of write.members) set.add(member)
				if (set.size > 0) this.#values.set(write.key, {type: 'set', value: set})
				break
			}
			case 'remove-members': {
				const set = this.#of(write.key, 'set')?.value
				for (const member of write.members) set?.delete(member)
				if (set?.size === 0) this.remove(write.key)
				break
			}
			case 'remove':
				this.remove(write.key)
				break
		}
	}

	#of<Type extends Value['type']>(key: string, type: Type): Extract<Value, {type: Type}> | undefined {
		const found = this.#values.get(key)
		if (found === undefined) return undefined
		if (found.type !== type) throw new Error(`WRONGTYPE ${key} holds a ${found.type}, expected a ${type}`)
		return found as Extract<Value, {type: Type}>
	}
}
