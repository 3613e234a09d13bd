/** A call of the venue's own endpoint through ccxt: parameters in, the venue's answer out, decimals as it wrote them. */
export type RawCall = (params?: Readonly<Record<string, string | number | boolean>>) => Promise<unknown>

/** One WebSocket connection that ccxt keeps. */
export type Socket = {
	readonly url: string
	/** Resolves once the connection stands; rejects when it cannot. */
	readonly connected: Promise<unknown>
	error: Error | undefined
	onError(error: Error): void
	close(): unknown
}

/** All that we use of ccxt's `binanceusdm`, pinned so that a change of version shows here. */
export interface CcxtSurface {
	urls: {api: unknown}
	options: Record<string, unknown>
	streaming: Record<string, unknown>
	exceptions: {exact: Record<string, unknown>; linear: {exact: Record<string, unknown>}}
	clients: Record<string, Socket>

	loadHttpProxyAgent(): Promise<unknown>
	calculateRateLimiterCost(...request: unknown[]): number | string
	enableDemoTrading(enable: boolean): void
	fetch(url: string, method: string, headers: unknown, body: unknown): Promise<unknown>
	onRestResponse(
		status: number,
		status_text: string,
		url: string,
		method: string,
		headers: Readonly<Record<string, string>>,
		body: string,
		request_headers: unknown,
		request_body: unknown,
	): string
	handleMessage(socket: Socket, message: unknown): void
	getWsUrl(type: 'future', category: 'public' | 'market' | 'private'): string
	watchMultiple(
		url: string,
		hashes: readonly string[],
		message?: unknown,
		subscribe_hashes?: readonly string[],
		subscription?: unknown,
	): Promise<unknown>
	close(): Promise<void>

	fapiPublicGetTime: RawCall
	fapiPublicGetExchangeInfo: RawCall
	fapiPublicGetKlines: RawCall
	fapiPublicGetTickerBookTicker: RawCall
	fapiPublicGetTicker24hr: RawCall
	fapiPublicGetPremiumIndex: RawCall
	fapiPrivatePostOrder: RawCall
	fapiPrivateGetOrder: RawCall
	fapiPrivateDeleteOrder: RawCall
	fapiPrivateGetOpenOrders: RawCall
	fapiPrivatePostCountdownCancelAll: RawCall
	fapiPrivatePostAlgoOrder: RawCall
	fapiPrivateGetAlgoOrder: RawCall
	fapiPrivateDeleteAlgoOrder: RawCall
	fapiPrivateGetOpenAlgoOrders: RawCall
	fapiPrivatePostLeverage: RawCall
	fapiPrivateGetSymbolConfig: RawCall
	fapiPrivateGetPositionSideDual: RawCall
	/** A row for every symbol, flat ones too; the next lists only what is held. */
	fapiPrivateV2GetPositionRisk: RawCall
	fapiPrivateV3GetPositionRisk: RawCall
	fapiPrivateV3GetBalance: RawCall
	fapiPrivateV3GetAccount: RawCall
	fapiPrivateGetUserTrades: RawCall
	fapiPrivateGetIncome: RawCall
	fapiPrivatePostListenKey: RawCall
	fapiPrivatePutListenKey: RawCall
}

export type CcxtConstructor = new (options: Readonly<Record<string, unknown>>) => CcxtSurface
