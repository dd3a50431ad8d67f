import type { ChannelName, Channels, Snapshot, WindowMinutes } from '@tidemark/protocol'
import type { SiteConfig } from '../config.ts'
import { type RequestOptions, invalidResponse, requestJson } from '../request/request-json.ts'
import { isSnapshot } from './is-snapshot.ts'

/** A snapshot with exactly the channels `Name`, and possibly some of the channels `Optional`. */
export type SnapshotOf<Name extends ChannelName, Optional extends ChannelName = never> = Omit<
  Snapshot,
  ChannelName
> &
  Pick<Channels, Name> &
  Partial<Pick<Channels, Exclude<Optional, Name>>>

/** `Name` if it is one channel; `never` if it is a union of channels. */
type OneChannel<Name, Each = Name> = Each extends unknown
  ? [Name] extends [Each]
    ? Each
    : never
  : never

/** Channels that a list certainly contains: none for an array of unknown length. */
type CertainChannels<List extends readonly ChannelName[]> = number extends List['length']
  ? never
  : { [Index in keyof List]: OneChannel<List[Index]> }[number]

/** Snapshot of a list of channels. A channel that only some of the possible lists contain is optional. */
export type SnapshotOfList<
  List extends readonly ChannelName[],
  Possible extends ChannelName = List[number],
> = List extends unknown ? SnapshotOf<CertainChannels<List>, Possible> : never

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
export function fetchSnapshot<const List extends readonly ChannelName[]>(
  config: SiteConfig,
  query: SnapshotQuery & { channels: List },
): Promise<SnapshotOfList<List>>
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
