import {homeAt} from '../daemon/client/home.js'
import {serverUnits} from '../daemon/client/unit-names.js'
import {code} from '../engine/logic/markdown.js'
import {units} from '../engine/registry.js'
import {auditFacts, FINDING_COLUMNS, foundRows, MATRIX_RULES} from './audited.js'
import {hosts} from './declared.js'
import {codes, type Section} from './document.js'
import {columnsIf, factOf, NOT_SEEN, type Observed, said, seenOf} from './observed.js'

const ports = (observed?: Observed): Section => {
	const status = seenOf(observed?.status)
	const seen = (name: string) => status?.units.find(unit => unit.name === name)
	return {
		id: 'ports',
		heading: 'Port mapping',
		level: 2,
		text: 'Each port belongs to one unit. What listens on any other is none of ours.',
		observed: factOf('port and pid of each unit', observed?.status),
		table: {
			columns: ['Port', 'Unit', 'Address', ...columnsIf(observed, ['Listens on', 'Pid'])],
			rows: units
				.flatMap(({name, port}) => (port === undefined ? [] : [{name, port}]))
				.sort((left, right) => left.port - right.port)
				.map(({name, port}) => [
					...[String(port), code(name), '127.0.0.1'],
					...columnsIf(observed, [String(seen(name)?.port ?? NOT_SEEN), String(seen(name)?.pid ?? NOT_SEEN)]),
				]),
		},
	}
}

/** Everything that listens, ours or not. */
const listeners = (observed: Observed): Section => ({
	id: 'listeners',
	heading: 'Listening ports of the machine',
	level: 3,
	observed: factOf('every socket that listens', observed.audit),
	table: {
		columns: ['Port', 'Address', 'Process', 'Pids'],
		rows: (seenOf(observed.audit)?.inventory.ports ?? []).map(({port, address, process, pids}) => [
			...[String(port), said(address), process === null ? 'none of ours' : code(process)],
			pids.join(', ') || 'hidden',
		]),
	},
})

const SEEN_OF_PROCESS = ['State', 'Pid', 'Started', 'Restarts lately', 'Processor', 'Memory'] as const

const processes = (observed?: Observed): Section => {
	const status = seenOf(observed?.status)
	const usage = seenOf(observed?.usage)
	const cells = (name: string) => {
		const found = status?.processes.find(process => process.name === name)
		if (!found) return SEEN_OF_PROCESS.map(() => NOT_SEEN)
		const used = found.pid === null ? undefined : usage?.get(found.pid)
		return [
			...[found.state, String(found.pid ?? '-'), found.started_at ?? '-', String(found.restarts_in_window)],
			used === undefined ? '-' : `${(used.cpu_share * 100).toFixed(1)} %`,
			used === undefined ? '-' : `${Math.round(used.resident_bytes / 2 ** 20)} MiB`,
		]
	}
	return {
		id: 'processes',
		heading: 'Process inventory',
		level: 2,
		text: 'One host per target, one per process that units of it name, and the servers. Each holds the lease of its units: what a second one commits is refused.',
		observed: [
			...factOf('processes under the daemon', observed?.status),
			...factOf('processor time since the start of each, in cores, and resident memory', observed?.usage),
		],
		table: {
			columns: ['Process', 'Units', ...columnsIf(observed, SEEN_OF_PROCESS)],
			rows: [
				...serverUnits.map(({name}) => [code(name), '-', ...columnsIf(observed, cells(name))]),
				...[...hosts()].map(([name, own]) => [
					...[code(name), codes(own.map(unit => unit.name))],
					...columnsIf(observed, cells(name)),
				]),
			],
		},
	}
}

/** Where a system keeps what: the names of the files of a home. */
const home = (observed?: Observed): Section => {
	const status = seenOf(observed?.status)
	const {build, files = []} = seenOf(observed?.audit)?.inventory ?? {}
	const modes = new Map<string, number>()
	for (const {mode} of files) modes.set(mode, (modes.get(mode) ?? 0) + 1)
	return {
		id: 'home',
		heading: 'Configuration and repository state',
		level: 2,
		text: 'Everything of one system lies under its home, mode 0700; files with secrets are of mode 0600. There are no environment files per unit: what operators decide is the policy, as versions.',
		observed: [
			...factOf('home and version of the daemon', observed?.status),
			...factOf('build and files', observed?.audit),
		],
		table: {
			columns: ['What', 'Where'],
			rows: [
				...columnsIf(observed, ['']).flatMap(() => [
					['version of the daemon', status?.daemon?.version ?? NOT_SEEN],
					['home', said(status?.home ?? NOT_SEEN)],
					['build of this command', build?.version ?? NOT_SEEN],
					[
						'its commit, and that of the checkout',
						`${build?.commit ?? NOT_SEEN}, ${build?.checkout_commit ?? 'no checkout'}`,
					],
					['versions that run', [...new Set(build?.running.map(({version}) => said(version)))].join(', ') || NOT_SEEN],
					['files by mode', [...modes].map(([mode, times]) => `${times} of ${mode}`).join(', ') || NOT_SEEN],
				]),
				...Object.entries(homeAt('QT_HOME')).map(([name, place]) => [name, code(place)]),
			],
		},
	}
}

/** What a person should look at. */
const issues = (observed: Observed): Section => ({
	id: 'issues',
	heading: 'What is otherwise than declared',
	level: 2,
	observed: auditFacts('processes, ports, files and builds against what is declared', observed, MATRIX_RULES),
	table: {columns: FINDING_COLUMNS, rows: foundRows(observed, MATRIX_RULES)},
})

const machine = (observed: Observed): Section => ({
	id: 'machine',
	heading: 'Infrastructure',
	level: 2,
	observed: factOf('the machine', observed.machine),
	table: {columns: ['Fact', 'Value'], rows: Object.entries(seenOf(observed.machine) ?? {})},
})

/** Ports, processes and files: where everything is. Of some there is nothing to say without a look. */
export const placeSections = (observed?: Observed): readonly Section[] => [
	ports(observed),
	...(observed ? [listeners(observed)] : []),
	processes(observed),
	home(observed),
	...(observed ? [issues(observed), machine(observed)] : []),
]
