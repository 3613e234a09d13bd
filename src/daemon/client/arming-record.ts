import type {ArmRecord} from '../../engine/exchange/arm-record.js'
import {type ArmFile, readArmFile} from './arm-file.js'
import type {Home} from './home.js'
import type {Latch} from './latch-record.js'

/** Whether orders can be sent, and who decided so last. Both places must agree; anything else is killed. */
export type Arming = Readonly<{
	armed: boolean
	/** What stands in the way, for people; empty when armed. */
	why: string
	/** The newest change in either place; undefined on a system that was never armed nor killed. */
	last: ArmRecord | undefined
	file: ArmFile
	/** Undefined while Redis cannot be asked. */
	latch: Latch | undefined
}>

/** A stop in order and a state made anew are no kills: arming on start may go over them. */
export const CLEAN_STOP = {by: 'qt down', reason: 'stopped in order'} as const
/** What the daemon writes on a server that has no governor state yet. */
export const FRESH_STATE = {by: 'daemon', reason: 'governor initialised'} as const

const isOf = ({by, reason}: ArmRecord, mark: {by: string; reason: string}): boolean =>
	by === mark.by && reason === mark.reason

export const isCleanStop = (record: ArmRecord): boolean => isOf(record, CLEAN_STOP) || isOf(record, FRESH_STATE)

const whyNot = (file: ArmFile, latch: Latch | undefined): string => {
	if (file.kind === 'missing') {
		if (!latch?.known) return 'never armed'
		const {armed, by, reason} = latch.record
		return armed ? 'the arm file is missing' : `${by}: ${reason}`
	}
	if (file.kind === 'unreadable') return `the arm file is unreadable: ${file.detail}`
	const {record} = file
	if (!record.armed) return `${record.by}: ${record.reason}`
	if (!latch) return 'Redis cannot be asked'
	if (latch.killed) {
		const {by, reason, armed} = latch.record
		return armed ? 'the kill key was set by hand' : `${by || 'nobody known'}: ${reason || 'no record in Redis'}`
	}
	if (latch.record.epoch !== record.epoch)
		return `Redis has epoch ${latch.record.epoch}, the arm file epoch ${record.epoch}`
	return ''
}

export const armingOf = (file: ArmFile, latch: Latch | undefined): Arming => {
	const why = whyNot(file, latch)
	const records = [...(file.kind === 'record' ? [file.record] : []), ...(latch?.known ? [latch.record] : [])].sort(
		(left, right) => right.epoch - left.epoch || Number(left.armed) - Number(right.armed),
	)
	return {armed: why === '', why, last: records[0], file, latch}
}

export const readArming = (home: Home, latch: Latch | undefined): Arming => armingOf(readArmFile(home.arm), latch)

/** Who stopped it last and why, for a message. */
export const stoppedBy = ({last, why}: Arming): string =>
	last && !last.armed
		? `stopped by ${last.by || 'nobody known'} (${last.reason || 'no reason given'})`
		: `not armed: ${why}`

/**
 * Why a start may not arm by itself, or undefined: it may over a state that nobody ever killed, or that was stopped
 * in order, and over nothing else.
 */
export const whyNotFresh = ({file, latch}: Arming): string | undefined => {
	if (!latch) return 'Redis cannot be asked whether somebody killed'
	if (file.kind === 'unreadable') return file.detail
	const records = [...(file.kind === 'record' ? [file.record] : []), ...(latch.known ? [latch.record] : [])]
	const kill = records.find(record => !record.armed && !isCleanStop(record))
	if (kill) return `killed by ${kill.by || 'nobody known'}: ${kill.reason || 'no reason given'}`
	const armed = records.find(record => record.armed)
	if (armed)
		return file.kind === 'missing'
			? 'Redis says armed, and there is no arm file'
			: `armed by ${armed.by} in one place only (epoch ${armed.epoch})`
	return undefined
}
