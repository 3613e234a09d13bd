/** What the rows of the flow are told apart by. */
export const FLOW_BY = ['reason', 'strategy', 'symbol'] as const
export type FlowBy = (typeof FLOW_BY)[number]
