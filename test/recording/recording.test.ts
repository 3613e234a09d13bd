import {beforeAll, describe, expect, it} from 'vitest'
import {anyUnit, stay} from '../../src/engine/contracts/unit.js'
import {units} from '../../src/engine/registry.js'
import {exitbrain} from '../../src/engine/units/exec/exitbrain.js'
import {EVERYBODY} from '../simulation/steps.js'
import {differences, type Held, heldOf, type Outputs, outputsOf, unitsIn} from './outputs.js'
import {type Recording, readHeld, readRecording} from './recording.js'
import {missingOf} from './story.js'

const RENEW = 'if that is meant: npm run recording -- --accept, in the same commit'
const REPLAYED_MS = 120_000

let recording: Recording
let held: Held
let outputs: Outputs
beforeAll(async () => {
	recording = readRecording()
	held = readHeld()
	outputs = await outputsOf(recording)
}, REPLAYED_MS)

describe('the run that is held', () => {
	it('comes out of the units as they are, byte for byte, stream ids apart', () => {
		expect(differences(held, outputs), RENEW).toEqual([])
		expect([...heldOf(outputs)].sort()).toEqual([...held].sort())
		expect(outputs.get('problems')).toBeUndefined()
	})

	it('goes from an intent to a closed trade, with a refusal', () => {
		expect(missingOf(outputs)).toEqual([])
		expect([...unitsIn(recording.lines)].sort()).toEqual([...EVERYBODY, 'exitbrain', 'trade-logger'].sort())
	})

	it('shows in which step a unit that does otherwise parts from it', async () => {
		const lines = recording.lines.filter(line => line.kind !== 'gap' && line.unit === exitbrain.name)
		const of = (all: Held): Held => new Map([...all].filter(([name]) => name.startsWith(`${exitbrain.name} `)))
		const before = differences(of(held), await outputsOf({...recording, lines}))
		expect(before).toEqual([])
		// It takes the venue's step for a whole coin, so that it closes less than half.
		const {filters} = exitbrain.onFeed ?? {}
		const coarse: typeof filters = (state, event, context) =>
			filters?.(state, {...event, step_size: '1'}, context) ?? stay
		const changed = anyUnit({...exitbrain, onFeed: {filters: coarse}})
		const registry = units.map(unit => (unit.name === exitbrain.name ? changed : unit))
		const after = differences(of(held), await outputsOf({...recording, lines}, registry))
		const plans = after.indexOf(after.find(line => line.startsWith('exitbrain > stream:apply.plan:')) ?? '')
		expect(after[plans]).toMatch(/: \d+ held, \d+ now; the first that differs is #0, of step \d+$/)
		expect(after[plans + 1]).toContain('PARTIAL')
	})
})
