/** One symbol's line in the reservations: the plan in progress (if any), and what is open and set aside, in micro-USDT. */
export type Reservation = Readonly<{
	plan_id: string
	state: string
	open: number
	reserved: number
	deadline_ms: string
}>

export const readReservation = (line: string | undefined): Reservation | undefined => {
	const match = /^(.*?)\|(.*?)\|(\d+)\|(\d+)\|(.*)$/.exec(line ?? '')
	if (!match) return undefined
	const [, plan_id = '', state = '', open = '0', reserved = '0', deadline_ms = ''] = match
	return {plan_id, state, open: Number(open), reserved: Number(reserved), deadline_ms}
}

export const writeReservation = ({plan_id, state, open, reserved, deadline_ms}: Reservation): string =>
	[plan_id, state, open, reserved, deadline_ms].join('|')
