/** A configuration, or data beside it, with which no start can succeed, however often it is tried. */
export class Unusable extends Error {}

/** What anything thrown says. */
export const messageOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown))
