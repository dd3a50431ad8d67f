import { setImmediate } from 'node:timers/promises'
import { problem } from '../http/problem.ts'
import type { Clock } from '../shared/clock.ts'
import type { CooperativeTask } from '../shared/cooperative-task.ts'
import { createTimedStream } from './timed-stream.ts'

/** Exports that run at the same time, of all sites and of one. */
const maxExports = 4
const maxExportsPerSite = 2
const retryAfterSeconds = 5
/** Text that is collected before it is sent, in characters. */
const chunkLength = 32_768
/** Longest slice of work between two turns of the event loop, in milliseconds. */
const maxSliceMs = 0.5

/** Collects the text of an export. */
export interface ExportWriter {
  text(text: string): void
}

export interface ExportJob {
  readonly site: string
  readonly headers: Readonly<Record<string, string>>
  write(writer: ExportWriter): CooperativeTask<void>
}

/** Answers with exports as streams. Each runs only as fast as its client reads. */
export type AnswerExport = (job: ExportJob) => Response

/** Creates the answerer, with one limit for all its exports. */
export function createExportAnswerer(clock: Pick<Clock, 'after'>): AnswerExport {
  const runningBySite = new Map<string, number>()

  /** Takes a place until the returned function is called; `undefined` when there is none. */
  function take(site: string): (() => void) | undefined {
    const running = runningBySite.get(site) ?? 0
    const all = [...runningBySite.values()].reduce((sum, each) => sum + each, 0)
    if (running >= maxExportsPerSite || all >= maxExports) return undefined
    runningBySite.set(site, running + 1)
    let isTaken = true
    return () => {
      if (!isTaken) return
      isTaken = false
      const others = (runningBySite.get(site) ?? 1) - 1
      if (others > 0) runningBySite.set(site, others)
      else runningBySite.delete(site)
    }
  }

  return ({ site, headers, write }) => {
    const release = take(site)
    if (!release) {
      return problem('too_busy', {
        detail: `At most ${maxExportsPerSite} exports of a site run at the same time, and ${maxExports} of the server.`,
        headers: { 'Retry-After': String(retryAfterSeconds) },
      })
    }
    return new Response(createExportStream(write, clock, release), { headers })
  }
}

function createExportStream(
  write: ExportJob['write'],
  clock: Pick<Clock, 'after'>,
  release: () => void,
): ReadableStream<Uint8Array> {
  let text = ''
  const task = write({ text: added => void (text += added) })
  const encoder = new TextEncoder()

  /** Runs until a chunk is complete. Returns whether the export is. */
  async function fill(): Promise<boolean> {
    let startedAt = performance.now()
    for (;;) {
      if (task.next().done) return true
      if (text.length >= chunkLength) return false
      if (performance.now() - startedAt < maxSliceMs) continue
      await setImmediate()
      startedAt = performance.now()
    }
  }

  return createTimedStream({
    clock,
    release,
    async next() {
      const isLast = await fill()
      const bytes = encoder.encode(text)
      text = ''
      return { bytes, isLast }
    },
  })
}
