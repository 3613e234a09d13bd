import {chmodSync, mkdirSync, statSync} from 'node:fs'
import {join} from 'node:path'
import {afterEach, beforeEach, expect, test} from 'vitest'
import {homeAt, makeHome} from '../../../src/daemon/system/home.js'
import {type TemporaryHome, temporaryHome} from '../../support/temporary-home.js'

let place: TemporaryHome
beforeEach(async () => {
	place = await temporaryHome()
})
afterEach(() => place.remove())

const directories = ({root, run, logs, redis, venue, journal, access}: ReturnType<typeof homeAt>) => [
	root,
	run,
	logs,
	redis,
	venue,
	journal,
	access,
]
const modeOf = (path: string): string => (statSync(path).mode & 0o7777).toString(8)

test('a new home lets nobody else in', () => {
	const home = homeAt(join(place.path, 'new'))
	expect(makeHome(home)).toEqual([])
	expect(directories(home).map(modeOf)).toEqual(Array.from({length: 7}, () => '700'))
})

test('one that was open to others is closed, with everything that lies in it', () => {
	const home = homeAt(join(place.path, 'old'))
	for (const path of directories(home)) {
		mkdirSync(path, {recursive: true})
		chmodSync(path, 0o775)
	}
	expect(makeHome(home)).toEqual(directories(home))
	expect(directories(home).map(modeOf)).toEqual(Array.from({length: 7}, () => '700'))
})

test('a directory that everybody shares is refused and left as it is', () => {
	chmodSync(place.path, 0o1777)
	expect(() => makeHome(homeAt(place.path))).toThrow(/is shared by everybody on this machine/)
	expect(modeOf(place.path)).toBe('1777')
})
