import { type Selection, type Snapshot, selectionQuery } from '@tidemark/protocol'
import { type Failure, failed, requestJson } from '../request.ts'
import { isSnapshotOf } from '../snapshot.ts'
import type { TokenKeeper } from '../token.ts'
import type { Platform } from '../types.ts'

const timeoutMs = 10_000

export type PollResult = { snapshot: Snapshot } | Failure

export interface PollOptions {
  platform: Platform
  token: TokenKeeper
  siteUrl: string
  selection: Selection
  cancel: AbortSignal
}

/**
 * One conditional GET of the whole state. Never rejects.
 *
 * With `cache: 'no-cache'` the browser itself sends `If-None-Match` and turns a 304 into the 200 it has
 * stored (Fetch standard, HTTP-network-or-cache fetch), which needs no preflight. So it is the cursor in
 * the body that says whether anything is new, never the status.
 */
export async function poll(options: PollOptions): Promise<PollResult> {
  const { platform, token, siteUrl, selection, cancel } = options
  const url = `${siteUrl}/realtime?${selectionQuery(selection)}`
  const answer = await requestJson({ platform, token, url, cache: 'no-cache', timeoutMs, cancel })
  if ('error' in answer) return answer
  return isSnapshotOf(selection, answer.body) ? { snapshot: answer.body } : failed('answer_invalid')
}
