import type { FramesAnswer, Problem, Snapshot } from '@tidemark/protocol'
import { formatCursor, selectionQuery } from '@tidemark/protocol'
import {
  type ReaderState,
  type OpenReader,
  type ReaderOptions,
  createReaderState,
  queryOf,
} from './reader.ts'

/** Sends requests one after the other until the reader is closed. */
function pollWith(
  options: ReaderOptions,
  request: (state: ReaderState, signal: AbortSignal) => Promise<void>,
): ReturnType<OpenReader> {
  const state = createReaderState(options)
  const closing = new AbortController()
  async function run(): Promise<void> {
    while (!closing.signal.aborted) await request(state, closing.signal)
  }
  run().catch((error: unknown) => {
    if (!closing.signal.aborted) state.violations.push(String(error))
  })
  return Object.assign(state, { close: () => closing.abort() })
}

/** Longest time the server may delay a long-poll answer, in seconds. */
const waitSeconds = 20

export const openLongPollReader: OpenReader = options =>
  pollWith(options, async (state, signal) => {
    if (!state.position) {
      await readSnapshot(options, state, signal)
      return
    }
    const url = `${options.siteUrl}/realtime/frames?${queryOf(options, state.position)}&wait=${waitSeconds}`
    const answer = await fetch(url, { signal })
    if (answer.status === 410) {
      const { reason } = (await answer.json()) as Problem
      if (reason) state.recordReset(reason)
      await readSnapshot(options, state, signal)
      return
    }
    if (!answer.ok)
      throw new Error(`GET realtime/frames: expected status 200 or 410, got ${answer.status}.`)
    const { frames, to } = (await answer.json()) as FramesAnswer
    const received = frames.filter(frame => !options.isLost?.(frame))
    for (const frame of received) if (!state.applyFrame(frame)) return
    const { position } = state
    const isComplete = formatCursor(position.cursor) === to
    if (!isComplete && !options.isLost)
      state.violations.push(`the frames end at ${formatCursor(position.cursor)}, not at ${to}`)
  })

/** Time between two polls, in milliseconds; short, to test as many polls as possible. */
const pollMs = 20

export const openPollReader: OpenReader = options => {
  let etag: string | undefined
  return pollWith(options, async (state, signal) => {
    const headers = etag === undefined ? {} : { 'If-None-Match': etag }
    const url = `${options.siteUrl}/realtime?${selectionQuery(options.selection)}`
    const answer = await fetch(url, { signal, headers })
    if (answer.status === 200) {
      const snapshot = (await answer.json()) as Snapshot
      etag = answer.headers.get('ETag') ?? undefined
      // A proxy may add `W/` or a suffix to the tag, and removes it from If-None-Match.
      if (!etag?.includes(snapshot.cursor))
        state.violations.push(`the ETag ${etag} does not contain the cursor ${snapshot.cursor}`)
      state.applySnapshot(snapshot)
    } else if (answer.status !== 304) {
      throw new Error(`GET realtime: expected status 200 or 304, got ${answer.status}.`)
    }
    await new Promise(resolve => setTimeout(resolve, pollMs))
  })
}

async function readSnapshot(
  options: ReaderOptions,
  state: ReaderState,
  signal: AbortSignal,
): Promise<void> {
  const url = `${options.siteUrl}/realtime?${selectionQuery(options.selection)}`
  const answer = await fetch(url, { signal })
  if (!answer.ok) throw new Error(`GET realtime: expected status 200, got ${answer.status}.`)
  state.applySnapshot((await answer.json()) as Snapshot)
}
