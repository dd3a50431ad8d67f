import type { eventNames, limits } from '@tidemark/protocol'

/**
 * What the tracker uses of the protocol's values, one by one, so that the file of the script tag has
 * no more than these. Their types are the protocol's own literals: one that differs does not compile.
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
export const maxNumber: Limits['maxNumber'] = 9_007_199_254_740_992
export const maxEventAgeMs: Limits['maxEventAgeMs'] = 172_800_000

export const pageViewName: Names['pageView'] = 'page_view'
export const heartbeatName: Names['heartbeat'] = 'heartbeat'
export const leaveName: Names['leave'] = 'leave'
