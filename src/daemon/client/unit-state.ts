import type {Bus} from '../../engine/bus/bus.js'
import type {Fields} from '../../engine/contracts/field.js'
import {keys} from '../../engine/contracts/keys.js'
import type {Naming} from '../../engine/contracts/naming.js'

type Committed = Readonly<{bus: Pick<Bus, 'hashAll'>; naming: Naming}>

/** What a unit has committed: the JSON of each of its partitions. */
export const unitState = ({bus, naming}: Committed, unit: string): Promise<Fields> =>
	bus.hashAll(naming.key(keys.unitState, {unit}))

/** The same of a unit that has one partition; undefined before it has committed anything. */
export const wholeState = async (committed: Committed, unit: string): Promise<string | undefined> =>
	Object.values(await unitState(committed, unit))[0]
