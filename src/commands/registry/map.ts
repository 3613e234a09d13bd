import {TruthCommand} from '../../cli/truth-command.js'

export default class RegistryMap extends TruthCommand {
	static override summary = 'Show the truth map of Redis: streams, keys, what is true where, what keeps races out'

	protected async render() {
		return (await import('../../truth/map.js')).mapDocument
	}
}
