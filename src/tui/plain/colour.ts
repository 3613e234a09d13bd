import {styleText} from 'node:util'

/** Colours by meaning; each stands beside a word that says the same. */
export const COLOURS = {good: 'green', bad: 'red', busy: 'yellow', faint: 'gray', strong: 'bold'} as const
export type Meaning = keyof typeof COLOURS
export type Paint = (meaning: Meaning, text: string) => string

export const plainPaint: Paint = (_, text) => text

/** Colours only where somebody looks: on a terminal, and not with NO_COLOR set to anything. */
export const paintFor = (stream: {isTTY?: boolean}, env: NodeJS.ProcessEnv): Paint =>
	stream.isTTY === true && !env.NO_COLOR && env.TERM !== 'dumb'
		? (meaning, text) => styleText(COLOURS[meaning], text, {validateStream: false})
		: plainPaint
