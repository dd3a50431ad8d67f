import { type Selection, type Snapshot, selectionQuery } from '@tidemark/protocol'
import { type Failure, createFailure, requestJson } from '../request.ts'
import { isSnapshotOf } from '../snapshot.ts'
import type { TokenProvider } from '../token.ts'
import type { LivePlatform } from '../types.ts'

const timeoutMs = 10_000

export type PollResult = { snapshot: Snapshot } | Failure

export interface PollOptions {
  platform: LivePlatform
  token: TokenProvider
  siteUrl: string
  selection: Selection
  cancel: AbortSignal
}

/**
 * Requests a snapshot of the selection with a conditional GET. Never rejects.
 *
 * With `cache: 'no-cache'` the browser sends `If-None-Match` and replaces a 304 by the stored 200 (Fetch standard,
 * HTTP-network-or-cache fetch), without a preflight. So the cursor in the body shows whether the snapshot is new; the
 * status does not.
 */
export async function poll(options: PollOptions): Promise<PollResult> {
  const { platform, token, siteUrl, selection, cancel } = options
  const url = `${siteUrl}/realtime?${selectionQuery(selection)}`
  const response = await requestJson({ platform, token, url, cache: 'no-cache', timeoutMs, cancel })
  if ('error' in response) return response
  return isSnapshotOf(selection, response.body)
    ? { snapshot: response.body }
    : createFailure('answer_invalid')
}
