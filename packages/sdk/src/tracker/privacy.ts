import type { Host } from './host.ts'
import type { TrackerOptions } from './types.ts'

/** The visitor's wishes that the browser sends, as the options treat them. */
export interface PrivacySignals {
  /** Whether the tracker must not use ids and the storage. */
  hasControl: boolean
  /** Whether the tracker must not send anything. */
  isRefused: boolean
}

export function readPrivacySignals(
  { privacyControl, respectDoNotTrack }: TrackerOptions,
  { navigator = {} }: Host,
): PrivacySignals {
  const hasControl = privacyControl !== 'ignore' && !!navigator.globalPrivacyControl
  const isRefused =
    (hasControl && privacyControl === 'off') ||
    (!!respectDoNotTrack && navigator.doNotTrack === '1')
  return { hasControl, isRefused }
}
