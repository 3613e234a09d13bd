import {environmentOf, listProcesses, type ProcessRow} from './process-table.js'

/** Set for every supervised process, so that one whose record was never written can still be told (Linux). */
export const markVariable = 'QT_SUPERVISED'

export interface SupervisionMark {
	run_id: string
	name: string
	generation: number
	spec_hash: string
	version: string
}

export const encodeMark = ({run_id, name, generation, spec_hash, version}: SupervisionMark): string =>
	[run_id, name, generation, spec_hash, version].join(':')

function decodeMark(text: string): SupervisionMark | null {
	const [run_id, name, generation, spec_hash, ...version] = text.split(':')
	if (!run_id || !name || !spec_hash || !/^\d+$/.test(generation ?? '')) return null
	return {run_id, name, generation: Number(generation), spec_hash, version: version.join(':')}
}

export interface MarkedProcess extends SupervisionMark {
	row: ProcessRow
}

/** Living processes that were started under this run directory, or by one that was. Empty where environments cannot be read. */
export function findMarked(run_id: string): MarkedProcess[] {
	return listProcesses().flatMap(row => {
		const text = environmentOf(row.pid, markVariable)
		const mark = text === undefined ? null : decodeMark(text)
		return mark?.run_id === run_id ? {...mark, row} : []
	})
}
