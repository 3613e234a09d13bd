import type {FaultKinds} from './fault.js'
import {networkFaults} from './network-faults.js'
import {peopleFaults} from './people-faults.js'
import {processFaults} from './process-faults.js'
import {venueFaults} from './venue-faults.js'

/** Everything that a run may do to the system. */
export const faultKinds: FaultKinds = {...processFaults, ...venueFaults, ...networkFaults, ...peopleFaults}
