import {TruthCommand} from '../../cli/truth-command.js'

export default class RegistryWiring extends TruthCommand {
	static override summary = 'Show the flow of entries from source to effect, with every decision and limit on the way'

	protected async render() {
		return (await import('../../truth/wiring.js')).wiringDocument
	}
}
