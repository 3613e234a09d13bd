import type {Declared} from './declared.js'
import {contractOf} from './key-contracts.js'
import {readerOf} from './liveness.js'
import {type KeySeen, type Observed, type ProcessesSeen, type StreamSeen, seenValue} from './observed.js'
import {shown} from './quoting.js'
import type {Inventory} from './report-schema.js'

const processAt = (processes: ProcessesSeen | undefined, pids: readonly number[]): string | null => {
	if (pids.some(pid => pid === processes?.daemon_pid)) return 'daemon'
	return processes?.own.find(({pid}) => pids.includes(pid))?.name ?? null
}

const streamOf = (declared: Declared, {name, facts}: StreamSeen): Inventory['streams'][number] => {
	const known = declared.streams.some(({contract}) => contract.name === name)
	const retired = declared.retired.streams.some(of => of.name === name)
	return {
		name: shown(name),
		declared: known ? 'yes' : retired ? 'retired' : 'no',
		length: facts.length,
		groups: facts.groups.map(({group, consumers, undelivered, pending, lost}) => ({
			group: shown(group),
			unit: readerOf(declared, {stream: name, group}) ?? null,
			consumers: consumers.length,
			undelivered,
			pending,
			lost,
		})),
	}
}

/** Keys counted by pattern and type: there may be a million of one. */
const keysOf = (declared: Declared, keys: readonly KeySeen[]): Inventory['keys'] => {
	const rows = new Map<string, {pattern: string | null; type: string; count: number; with_ttl: number}>()
	for (const {name, type, ttl_ms} of keys) {
		const pattern = contractOf(declared, name)?.pattern ?? null
		const id = `${pattern ?? ''} ${type}`
		const row = rows.get(id) ?? {pattern, type, count: 0, with_ttl: 0}
		row.count += 1
		if (ttl_ms !== null) row.with_ttl += 1
		rows.set(id, row)
	}
	return [...rows.entries()].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, row]) => row)
}

const buildOf = ({parts}: Observed): Inventory['build'] => {
	const build = seenValue(parts.build)
	if (!build) return null
	const {version, commit, built_at, checkout} = build
	const daemon = seenValue(parts.daemon)
	const leaders = seenValue(parts.processes)?.own.filter(({leader}) => leader) ?? []
	return {
		version,
		commit,
		built_at,
		checkout_commit: checkout?.commit ?? null,
		running: [
			...(daemon ? [{name: 'daemon', version: daemon.version}] : []),
			...leaders.map(({name, version: of}) => ({name: shown(name), version: shown(of)})),
		],
	}
}

/** Everything that was found, escaped and ready to be shown; parts that were not seen are empty. */
export const inventoryOf = (declared: Declared, observed: Observed): Inventory => {
	const {parts} = observed
	const processes = seenValue(parts.processes)
	return {
		ports: (seenValue(parts.ports)?.listeners ?? [])
			.map(({port, address, pids}) => ({port, address, pids, process: processAt(processes, pids)}))
			.sort((left, right) => left.port - right.port || (left.address < right.address ? -1 : 1)),
		processes: (processes?.own ?? []).map(({pid, name, version, leader, command}) => ({
			pid,
			name: shown(name),
			version: shown(version),
			leader,
			command: command === null ? null : shown(command),
		})),
		streams: (seenValue(parts.redis)?.streams ?? []).map(stream => streamOf(declared, stream)),
		keys: keysOf(declared, seenValue(parts.redis)?.keys ?? []),
		systemd: (seenValue(parts.systemd) ?? []).map(({name, load, active, sub, enabled}) => ({
			...{name: shown(name), load, active, sub, enabled},
		})),
		files: (seenValue(parts.files) ?? []).map(({path, mode, uid}) => ({
			path: shown(path),
			mode: `0${mode.toString(8).padStart(3, '0')}`,
			uid,
		})),
		build: buildOf(observed),
	}
}
