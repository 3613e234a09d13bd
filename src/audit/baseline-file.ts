import {existsSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {writeFileAtomically} from '../daemon/supervision/atomic-file.js'
import type {Home} from '../daemon/system/home.js'
import {OperatorError} from '../engine/errors.js'
import {EXIT_CODES} from '../engine/exit-codes.js'
import {type Baseline, baselineSchema} from './baseline.js'

export const baselinePath = ({root}: Home): string => join(root, 'registry-baseline.json')

/** Whole or not at all, readable by its owner alone. */
export const saveBaseline = (home: Home, baseline: Baseline): void =>
	writeFileAtomically(baselinePath(home), `${JSON.stringify(baseline, null, '\t')}\n`)

/** Undefined before one was saved. @throws OperatorError (failure) when the file holds no whole baseline */
export const readBaseline = (home: Home): Baseline | undefined => {
	const path = baselinePath(home)
	if (!existsSync(path)) return undefined
	try {
		return baselineSchema.parse(JSON.parse(readFileSync(path, 'utf8')))
	} catch (cause) {
		throw new OperatorError(`${path} does not hold a whole baseline`, {
			exit_code: EXIT_CODES.failure,
			hint: 'save a new one: qt registry baseline save',
			cause,
		})
	}
}
