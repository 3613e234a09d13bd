/** Something that broke, or was refused without a word: what the search is for. */
export class Finding extends Error {}

export type Tally = Readonly<{tried: number; refused: number}>
