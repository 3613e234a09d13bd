import {closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync} from 'node:fs'
import {dirname} from 'node:path'
import {isMissing} from '../../errors.js'
import {type ArmRecord, isArmRecord} from '../../exchange/arm-record.js'
import type {ArmFileReading} from '../../exchange/arm-state.js'

/** Reads at once, without waiting for anything: what holds is what the disk says at this moment. */
export const readArmFile = (file: string): ArmFileReading => {
	try {
		const value: unknown = JSON.parse(readFileSync(file, 'utf8'))
		return isArmRecord(value) ? value : 'unreadable'
	} catch (error) {
		return isMissing(error) ? 'missing' : 'unreadable'
	}
}

const synced = (path: string, flags: string, act: (descriptor: number) => void): void => {
	const descriptor = openSync(path, flags, 0o600)
	try {
		act(descriptor)
		fsyncSync(descriptor)
	} finally {
		closeSync(descriptor)
	}
}

/** Replaces a file whole and durably, readable by its owner only. @throws the system's error; the old file stands then */
export const replaceDurably = (file: string, text: string): void => {
	const temporary = `${file}.${process.pid}.tmp`
	synced(temporary, 'w', descriptor => writeSync(descriptor, text))
	renameSync(temporary, file)
	synced(dirname(file), 'r', () => undefined)
}

/** @throws the system's error; the old file stands then */
export const writeArmFile = (file: string, state: ArmRecord): void => replaceDurably(file, `${JSON.stringify(state)}\n`)
