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

/** Cells of a terminal's line; into a file or pipe everything is written, however long. */
export const widthFor = ({isTTY, columns}: {isTTY?: boolean; columns?: number}): number =>
	isTTY === true && columns !== undefined && columns > 0 ? columns : Number.POSITIVE_INFINITY
