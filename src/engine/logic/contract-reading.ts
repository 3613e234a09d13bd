import type {Entry} from '../bus/bus.js'
import type {StreamContract} from '../contracts/stream.js'
import {contractFlaw} from '../runtime/input.js'

/** What was found on one stream among its newest entries. */
export type ContractReading = Readonly<{
	stream: string
	looked_at: number
	broken: number
	/** The newest that breaks its contract, with how. */
	first?: Readonly<{entry_id: string; detail: string}>
}>

/** Entries of a stream, newest first, judged as each of its readers would. */
export const contractReading = (contract: StreamContract, entries: readonly Entry[]): ContractReading => {
	const broken = entries.flatMap(({id, fields}) => {
		const flaw = contractFlaw(contract, fields)
		return flaw ? [{entry_id: id, detail: `${flaw.reason}: ${flaw.detail}`}] : []
	})
	const [first] = broken
	return {stream: contract.name, looked_at: entries.length, broken: broken.length, ...(first && {first})}
}
