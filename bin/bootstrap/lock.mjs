import {mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {setTimeout as pause} from 'node:timers/promises'
import {BootstrapError, say} from './report.mjs'

const lookEveryMs = 100

/** Longer than an installation over a slow line takes. */
const waitMaxMs = 15 * 60_000

/** When the process was started, in clock ticks since boot: tells a process from a later one with its id. */
function startTimeOf(pid) {
	try {
		const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
		return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
	} catch {
		return undefined
	}
}

function isAlive({pid, startTime}) {
	try {
		process.kill(pid, 0)
	} catch (error) {
		return error.code === 'EPERM'
	}
	return startTime === undefined || startTimeOf(pid) === startTime
}

function ownerOf(lock) {
	try {
		return JSON.parse(readFileSync(join(lock, 'owner.json'), 'utf8'))
	} catch {
		return undefined
	}
}

/** Puts a lock with its owner inside in place in one step: it is never seen without one. */
function tryAcquire(folder, lock) {
	const made = mkdtempSync(join(folder, '.lock-'))
	writeFileSync(join(made, 'owner.json'), JSON.stringify({pid: process.pid, startTime: startTimeOf(process.pid)}))
	try {
		renameSync(made, lock)
		return true
	} catch (error) {
		rmSync(made, {recursive: true, force: true})
		if (error.code === 'ENOTEMPTY' || error.code === 'EEXIST') return false
		throw error
	}
}

/** The same, told so that the operator of a clone that is somebody else's knows what to do. */
function acquire(root, folder, lock) {
	try {
		mkdirSync(folder, {recursive: true})
		return tryAcquire(folder, lock)
	} catch (error) {
		if (!['EACCES', 'EPERM', 'EROFS'].includes(error.code)) throw error
		throw new BootstrapError(
			`${folder} cannot be written (${error.code})`,
			`run it as the owner of ${root}, or clone it into a folder of your own`,
		)
	}
}

/** Takes a dead owner's lock away; should another process have renewed it in between, that one gets it back. */
function breakLock(folder, lock, deadOwner) {
	const aside = join(folder, `.lock-broken-${process.pid}-${Date.now()}`)
	try {
		renameSync(lock, aside)
	} catch {
		return
	}
	const owner = ownerOf(aside)
	if (owner && owner.pid !== deadOwner.pid) renameSync(aside, lock)
	else rmSync(aside, {recursive: true, force: true})
}

/**
 * Does `work` while no other bootstrap of this tree does: two installations or
 * builds at once would corrupt each other. The lock of a process that died is
 * taken over.
 */
export async function exclusively(root, work) {
	const folder = join(root, 'dist')
	const lock = join(folder, '.bootstrap-lock')
	const started = performance.now()
	let announced
	while (!acquire(root, folder, lock)) {
		const owner = ownerOf(lock)
		if (owner && !isAlive(owner)) breakLock(folder, lock, owner)
		else if (performance.now() - started > waitMaxMs) {
			throw new BootstrapError(
				`process ${owner?.pid ?? 'unknown'} has been preparing ${root} for more than ${waitMaxMs / 60_000} minutes`,
				`see what it does, or end it and remove ${lock}`,
			)
		} else {
			if (owner && announced !== owner.pid) say(`waiting: process ${owner.pid} is preparing this folder`)
			announced = owner?.pid ?? announced
			await pause(lookEveryMs)
		}
	}
	try {
		return await work()
	} finally {
		rmSync(lock, {recursive: true, force: true})
	}
}
