import {boolean, string} from '@oclif/core/flags'
import type {TruthDocument} from '../truth/document.js'
import type {Observed} from '../truth/observed.js'
import {QtCommand} from './base-command.js'
import type {Outcome} from './envelope.js'

/** A command that shows a document of what is declared, with what is observed of the system beside it. */
export abstract class TruthCommand extends QtCommand<TruthDocument> {
	static override description =
		'What is declared, and beside it what is seen of the system, with time and command. What cannot be reached says so. The declared half alone stands in docs/registry.'
	static override flags = {
		declared: boolean({summary: 'only what is declared: nothing is asked of a system'}),
		format: string({summary: 'how it is written', options: ['terminal', 'markdown'], default: 'terminal'}),
	}

	/** The document of this command. */
	protected abstract render(): Promise<(observed?: Observed) => TruthDocument>

	protected async work(): Promise<Outcome<TruthDocument>> {
		const {flags} = await this.parse(this.ctor as typeof TruthCommand)
		const [document, {bareOf, markdownOf}, {observe}, {truthView}] = await Promise.all([
			this.render(),
			import('../truth/document.js'),
			import('../truth/observe.js'),
			import('../tui/plain/truth-view.js'),
		])
		const drawn = flags.declared ? document() : document(await observe(this.home, {env: process.env, now_ms: Date.now}))
		const data = bareOf(drawn)
		if (this.jsonEnabled()) return {data, text: ''}
		return {data, text: flags.format === 'markdown' ? markdownOf(drawn) : truthView(drawn, this.paint, this.width)}
	}
}
