/** Ids made of the venue's own, so that whoever reports a fill or an income reports the same id. */
export const fillId = ({symbol, trade_id}: Readonly<{symbol: string; trade_id: string}>): string =>
	`fill:${symbol}:${trade_id}`

/** The venue's transaction ids are unique within their type. */
export const incomeId = ({
	income_type,
	transaction_id,
}: Readonly<{income_type: string; transaction_id: string}>): string => `income:${income_type}:${transaction_id}`
