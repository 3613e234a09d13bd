export const MODES = ['PAPER', 'TESTNET', 'LIVE'] as const
export type Mode = (typeof MODES)[number]
