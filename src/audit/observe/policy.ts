import type {Home} from '../../daemon/system/home.js'
import {examineFile} from '../../daemon/system/policy-file.js'
import {messageOf} from '../../engine/errors.js'
import type {PolicyFileFinding} from '../../engine/logic/policy-drift.js'
import {type Part, seen, unseen} from '../observed.js'

/** What the policy file of the home says beside the versions in its store. */
export const observePolicy = (home: Home): Part<PolicyFileFinding> => {
	try {
		return seen(examineFile(home))
	} catch (error) {
		return unseen(messageOf(error))
	}
}
