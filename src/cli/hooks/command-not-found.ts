import type {Hook} from '@oclif/core/interfaces'
import {reportUnknown} from '../unknown-command.js'

const hook: Hook.CommandNotFound = async ({id, argv = [], config}) => {
	reportUnknown([...id.split(':'), ...argv], config)
}

export default hook
