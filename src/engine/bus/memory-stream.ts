import type {Backlog, Entry, PendingEntry} from './bus.js'
import {compareIds, nextId} from './stream-id.js'

type Held = {consumer: string; since_ms: number; deliveries: number}
/** Pending ids stand in the order of the stream: they are only ever added in that order. */
type Group = {last_delivered_id: string; pending: Map<string, Held>; consumers: Set<string>; lost: number}

/** One stream with its groups, in memory. */
export class MemoryStream {
	#entries: Entry[] = []
	#last_id = '0-0'
	readonly groups = new Map<string, Group>()

	append(fields: Entry['fields'], now_ms: number, length_max?: number): string {
		const wanted = `${now_ms}-0`
		this.#last_id = compareIds(wanted, this.#last_id) > 0 ? wanted : nextId(this.#last_id)
		this.#entries.push({id: this.#last_id, fields})
		if (length_max !== undefined && this.#entries.length > length_max) this.#drop(this.#entries.length - length_max)
		return this.#last_id
	}

	ensureGroup(name: string): Group {
		const group = this.groups.get(name) ?? {
			last_delivered_id: '0-0',
			pending: new Map(),
			consumers: new Set(),
			lost: 0,
		}
		this.groups.set(name, group)
		return group
	}

	read(name: string, consumer: string, count: number, now_ms: number): readonly Entry[] {
		const group = this.#group(name)
		group.consumers.add(consumer)
		const start = this.#after(group.last_delivered_id)
		const fresh = this.#entries.slice(start, start + count)
		for (const {id} of fresh) {
			group.pending.set(id, {consumer, since_ms: now_ms, deliveries: 1})
			group.last_delivered_id = id
		}
		return fresh
	}

	readPending(name: string, consumer: string, after_id: string, count: number, now_ms: number): readonly Entry[] {
		const entries: Entry[] = []
		for (const [id, held] of this.#group(name).pending) {
			if (held.consumer !== consumer || compareIds(id, after_id) <= 0) continue
			const entry = this.#find(id)
			if (entry) {
				held.since_ms = now_ms
				held.deliveries += 1
			}
			entries.push(entry ?? {id, fields: {}})
			if (entries.length === count) break
		}
		return entries
	}

	pending(name: string, count: number, from_id: string, now_ms: number): readonly PendingEntry[] {
		return [...this.#group(name).pending]
			.filter(([id]) => from_id === '-' || compareIds(id, from_id) >= 0)
			.slice(0, count)
			.map(([id, {consumer, since_ms, deliveries}]) => ({id, consumer, idle_ms: now_ms - since_ms, deliveries}))
	}

	claim(name: string, consumer: string, min_idle_ms: number, ids: readonly string[], now_ms: number): readonly Entry[] {
		const group = this.#group(name)
		group.consumers.add(consumer)
		const claimed: Entry[] = []
		for (const id of ids) {
			const held = group.pending.get(id)
			if (!held || now_ms - held.since_ms < min_idle_ms) continue
			const entry = this.#find(id)
			if (!entry) {
				group.pending.delete(id)
				continue
			}
			group.pending.set(id, {consumer, since_ms: now_ms, deliveries: held.deliveries + 1})
			claimed.push(entry)
		}
		return claimed
	}

	owns(name: string, consumer: string, ids: readonly string[]): boolean {
		const {pending} = this.#group(name)
		return ids.every(id => pending.get(id)?.consumer === consumer)
	}

	/** Whether no entry older than the last of these is pending besides them. */
	oldestAre(name: string, ids: readonly string[]): boolean {
		const held = this.#group(name).pending.keys()
		return ids.every(id => held.next().value === id)
	}

	acknowledge(name: string, ids: readonly string[]): number {
		const pending = this.groups.get(name)?.pending
		return ids.filter(id => pending?.delete(id)).length
	}

	trim(length_max: number): number {
		const excess = this.#entries.length - length_max
		if (excess <= 0) return 0
		let keep = this.#entries[excess]?.id ?? nextId(this.#last_id)
		for (const group of this.groups.values()) {
			const oldest: string | undefined = group.pending.keys().next().value
			const needed = oldest ?? nextId(group.last_delivered_id)
			if (compareIds(needed, keep) < 0) keep = needed
		}
		return this.#drop(this.#from(keep))
	}

	backlog(name: string): Backlog {
		const group = this.#group(name)
		const start = this.#after(group.last_delivered_id)
		const oldest = this.#entries[start]
		return {
			undelivered: this.#entries.length - start,
			pending: group.pending.size,
			lost: group.lost,
			last_delivered_id: group.last_delivered_id,
			consumers: group.consumers.size,
			...(oldest && {oldest_undelivered_id: oldest.id}),
		}
	}

	range(from: string, to: string, count: number, newest_first: boolean): readonly Entry[] {
		const [beyond, before] = [from, to].map(bound => (bound.startsWith('(') ? bound.slice(1) : undefined))
		const start = from === '-' ? 0 : beyond === undefined ? this.#from(from) : this.#after(beyond)
		const end = to === '+' ? this.#entries.length : before === undefined ? this.#after(to) : this.#from(before)
		return newest_first
			? this.#entries.slice(Math.max(start, end - count), end).reverse()
			: this.#entries.slice(start, Math.min(end, start + count))
	}

	#group(name: string): Group {
		const group = this.groups.get(name)
		if (!group) throw new Error(`NOGROUP no group ${name}`)
		return group
	}

	/** Index of the first entry with this id or a later one. */
	#from(id: string): number {
		let low = 0
		let high = this.#entries.length
		while (low < high) {
			const middle = (low + high) >>> 1
			if (compareIds(this.#entries[middle]?.id ?? '', id) < 0) low = middle + 1
			else high = middle
		}
		return low
	}

	#after(id: string): number {
		return this.#from(nextId(id))
	}

	#find(id: string): Entry | undefined {
		const entry = this.#entries[this.#from(id)]
		return entry?.id === id ? entry : undefined
	}

	#drop(count: number): number {
		if (count <= 0) return 0
		for (const group of this.groups.values()) group.lost += Math.max(0, count - this.#after(group.last_delivered_id))
		this.#entries.splice(0, count)
		return count
	}
}
