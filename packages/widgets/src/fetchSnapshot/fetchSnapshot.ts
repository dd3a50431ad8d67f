import type { ChannelName, Channels, Snapshot, WindowMinutes } from '@tidemark/protocol'
import type { SiteConfig } from '../config.ts'
import { type RequestOptions, invalidResponse, requestJson } from '../request/request-json.ts'
import { isSnapshot } from './is-snapshot.ts'

/** A snapshot with exactly the requested channels. */
export type SnapshotOf<Name extends ChannelName> = Omit<Snapshot, ChannelName> &
  Pick<Channels, Name>

export interface SnapshotQuery<Name extends ChannelName = ChannelName> extends RequestOptions {
  /** Channels to read. @default all channels */
  channels?: readonly Name[]
  /** Time window of `pageViews`, `events` and `goals`, in minutes. @default 5 */
  minutes?: WindowMinutes
}

/**
 * Reads the live state of a site once. The response has the requested channels, and `cursor`, `at` and
 * `windowMinutes`.
 *
 * @throws {TidemarkError} when the server refuses, does not answer, or is not a Tidemark server
 */
export function fetchSnapshot<Name extends ChannelName>(
  config: SiteConfig,
  query: SnapshotQuery<Name> & { channels: readonly Name[] },
): Promise<SnapshotOf<Name>>
export function fetchSnapshot(config: SiteConfig, query?: SnapshotQuery): Promise<Snapshot>
export async function fetchSnapshot(
  config: SiteConfig,
  query: SnapshotQuery = {},
): Promise<Snapshot> {
  const { channels, minutes } = query
  const parameters = new URLSearchParams()
  if (channels) parameters.set('channels', channels.join(','))
  if (minutes) parameters.set('minutes', String(minutes))
  const response = await requestJson(config, 'realtime', parameters, query)
  if (!isSnapshot(response, channels)) throw invalidResponse(config)
  return response
}
