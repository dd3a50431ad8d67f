import type { eventNames, limits } from '@tidemark/protocol'

/**
 * The protocol's values that the tracker uses. They are repeated here so that the script-tag file contains no others.
 * Their types are the literals of the protocol: a different value does not compile.
 */

type Limits = typeof limits
type Names = typeof eventNames

export const maxNameLength: Limits['maxNameLength'] = 200
export const maxIdLength: Limits['maxIdLength'] = 128
export const maxUrlLength: Limits['maxUrlLength'] = 8192
export const maxTitleLength: Limits['maxTitleLength'] = 300
export const maxProperties: Limits['maxProperties'] = 50
export const maxPropertyNameLength: Limits['maxPropertyNameLength'] = 100
export const maxPropertyTextLength: Limits['maxPropertyTextLength'] = 1000
export const maxEventAgeMs: Limits['maxEventAgeMs'] = 172_800_000

export const pageViewName: Names['pageView'] = 'page_view'
export const heartbeatName: Names['heartbeat'] = 'heartbeat'
export const leaveName: Names['leave'] = 'leave'
