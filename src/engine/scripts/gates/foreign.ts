import type {Look} from './gate.js'

/** The code of both gates on positions that are left to others: against closing them, and against adding to them. */
export const FOREIGN_IGNORED = 'FOREIGN_IGNORED'

/** How the position of the symbol is marked; empty for one of ours. */
export const foreignOf = ({store, key}: Look): string => store.hashGet(key('position'), 'foreign') ?? ''
export const isIgnored = (look: Look): boolean => foreignOf(look) === 'ignored'
