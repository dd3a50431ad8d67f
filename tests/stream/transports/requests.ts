import type { FramesAnswer, Problem, Snapshot } from '@tidemark/protocol'
import { formatCursor, selectionQuery } from '@tidemark/protocol'
import { type Ledger, type OpenReader, type Reading, createLedger, queryOf } from './reader.ts'

/** Reads by requests, one after the other, until it is closed. */
function readBy(
  reading: Reading,
  ask: (ledger: Ledger, signal: AbortSignal) => Promise<void>,
): ReturnType<OpenReader> {
  const ledger = createLedger(reading)
  const over = new AbortController()
  async function run(): Promise<void> {
    while (!over.signal.aborted) await ask(ledger, over.signal)
  }
  run().catch((error: unknown) => {
    if (!over.signal.aborted) ledger.violations.push(String(error))
  })
  return Object.assign(ledger, { close: () => over.abort() })
}

/** Seconds that a server may hold a question. */
const waitSeconds = 20

export const openLongPollReader: OpenReader = reading =>
  readBy(reading, async (ledger, signal) => {
    if (!ledger.mark) {
      await takeWhole(reading, ledger, signal)
      return
    }
    const url = `${reading.siteUrl}/realtime/frames?${queryOf(reading, ledger.mark)}&wait=${waitSeconds}`
    const answer = await fetch(url, { signal })
    if (answer.status === 410) {
      const { reason } = (await answer.json()) as Problem
      if (reason) ledger.reset(reason)
      await takeWhole(reading, ledger, signal)
      return
    }
    if (!answer.ok) throw new Error(`The frames were answered with ${answer.status}`)
    const { frames, to } = (await answer.json()) as FramesAnswer
    const kept = frames.filter(frame => !reading.loses?.(frame))
    for (const frame of kept) if (!ledger.frame(frame)) return
    const { mark } = ledger
    const isThere = formatCursor(mark.cursor) === to
    if (!isThere && !reading.loses) ledger.violations.push(`frames do not lead to ${to}`)
  })

/** Time between polls, in milliseconds: as short as a machine can take. */
const pollMs = 20

export const openPollReader: OpenReader = reading => {
  let etag: string | undefined
  return readBy(reading, async (ledger, signal) => {
    const headers = etag === undefined ? {} : { 'If-None-Match': etag }
    const url = `${reading.siteUrl}/realtime?${selectionQuery(reading.selection)}`
    const answer = await fetch(url, { signal, headers })
    if (answer.status === 200) {
      const snapshot = (await answer.json()) as Snapshot
      etag = answer.headers.get('ETag') ?? undefined
      // What a proxy adds to it, it takes off again.
      if (!etag?.includes(snapshot.cursor))
        ledger.violations.push(`${etag} is not ${snapshot.cursor}`)
      ledger.snapshot(snapshot)
    } else if (answer.status !== 304) {
      throw new Error(`The poll was answered with ${answer.status}`)
    }
    await new Promise(resolve => setTimeout(resolve, pollMs))
  })
}

async function takeWhole(reading: Reading, ledger: Ledger, signal: AbortSignal): Promise<void> {
  const url = `${reading.siteUrl}/realtime?${selectionQuery(reading.selection)}`
  const answer = await fetch(url, { signal })
  if (!answer.ok) throw new Error(`The snapshot was answered with ${answer.status}`)
  ledger.snapshot((await answer.json()) as Snapshot)
}
