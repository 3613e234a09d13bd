import {TruthCommand} from '../../cli/truth-command.js'

export default class RegistryMatrix extends TruthCommand {
	static override summary = 'Show every unit: where it runs, what it reads and writes, what controls it'

	protected async render() {
		return (await import('../../truth/matrix.js')).matrixDocument
	}
}
