import {expect, test} from 'vitest'
import {suites} from '../mutation/trials.js'
import {pathsUnder} from './source-tree.js'

/** Scripts that decide nothing for the system, and why they are here. */
const INSTRUMENTS = [
	// A decision of the size of a small admission, for measuring.
	'src/bench/reserve.lua',
	// Decisions of the tests of the bus: they are played in the trials of commit.lua.
	'test/engine/bus/spend.lua',
	'test/mutation/answers.lua',
]

test('every script of the repository is tried against its model, and its mutants with it', () => {
	const scripts = ['src', 'test'].flatMap(folder => pathsUnder(folder, ['.lua']))
	const tried = suites.flatMap(({files}) => files)
	expect([...tried, ...INSTRUMENTS].sort()).toEqual(scripts.sort())
})
