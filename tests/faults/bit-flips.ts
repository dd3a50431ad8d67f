import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Tidemark, ServerWarning, createTidemark } from '@tidemark/server'
import { createManualClock } from '../../packages/server/src/testing/clock.ts'
import { makeDirectory } from '../../packages/server/src/testing/directory.ts'

/*
 * Flips single bits of a small database, and compares the history of the server that opens it.
 */

const minuteMs = 60_000
const hourMs = 60 * minuteMs
const pageBytes = 4096
const from = Date.UTC(2026, 2, 8)
const to = from + 3 * 24 * hourMs

/** A closed database, and the history that it stores. */
export interface StoredHistory {
  readonly dataDir: string
  readonly size: number
  readonly answers: readonly unknown[]
  /** Time after the last event. */
  readonly now: number
}

/**
 * Outcome of a flipped bit: the same history, ranges that are reported as missing, a server that does not start, or one
 * that accepts no events because SQLite cannot write to the file.
 */
export type FlipOutcome = 'same' | 'missing' | 'refused' | 'unwritable'

const queries = [
  `from=${to - 4 * hourMs}&to=${to}&granularity=minute`,
  `from=${to - 47 * hourMs}&to=${to}&granularity=hour&by=path&bucketLimit=20`,
  `from=${from}&to=${to}&granularity=day&by=path`,
  `from=${from}&to=${to}&granularity=hour&by=value&row=order`,
  `from=${to - 6 * hourMs}&to=${to}&granularity=minute&by=name&row=order`,
]

async function ask(tidemark: Tidemark, query: string): Promise<Record<string, unknown>> {
  const url = `http://stats.example/api/sites/shop/metrics?${query}`
  const answer = await tidemark.fetch(new Request(url))
  if (answer.status !== 200) throw new Error(`${answer.status}: ${await answer.text()}`)
  return (await answer.json()) as Record<string, unknown>
}

/** @returns false when the server refuses because its log cannot be written */
async function send(tidemark: Tidemark, body: unknown): Promise<boolean> {
  const request = new Request('http://stats.example/api/sites/shop/events', {
    method: 'POST',
    body: JSON.stringify(body),
  })
  const answer = await tidemark.fetch(request)
  if (answer.status !== 202 && answer.status !== 503) throw new Error(await answer.text())
  return answer.status === 202
}

/** Creates a database with minutes, hours and days. */
export async function storeHistory(): Promise<StoredHistory> {
  const dataDir = makeDirectory()
  const clock = createManualClock(from)
  const tidemark = createTidemark({ storage: { dataDir }, clock })
  while (clock.now() < to - hourMs) {
    const events = Array.from({ length: 5 }, (_, index) => ({
      name: index === 0 ? 'order' : 'page_view',
      visitorId: `v${(clock.now() / minuteMs + index) % 7}`,
      url: `https://shop.example/${(clock.now() / hourMs + index) % 11}`,
      ...(index === 0 && { value: index + 1 }),
    }))
    await send(tidemark, { events })
    // A turn of the event loop after each of thousands of timers would take seconds.
    clock.advance(97 * minuteMs)
    await clock.pass(2000, 5)
  }
  const answers = await Promise.all(queries.map(query => ask(tidemark, query)))
  await tidemark.close()
  const size = readFileSync(join(dataDir, 'tidemark.db')).length
  return { dataDir, size, answers, now: clock.now() }
}

/**
 * Opens a copy of the database with one flipped bit. Then an event arrives and the server saves its checkpoint.
 * @throws {Error} when numbers differ without a report, a request fails, or the checkpoint fails
 */
export async function flipAndRead(
  { dataDir, answers, now }: StoredHistory,
  position: number,
  bit: number,
): Promise<FlipOutcome> {
  const copy = makeDirectory()
  const path = join(copy, 'tidemark.db')
  copyFileSync(join(dataDir, 'tidemark.db'), path)
  const bytes = readFileSync(path)
  bytes[position] = (bytes[position] ?? 0) ^ (1 << bit)
  writeFileSync(path, bytes)

  const errors: unknown[] = []
  const clock = createManualClock(now)
  let tidemark: Tidemark
  try {
    tidemark = createTidemark({
      storage: { dataDir: copy },
      clock,
      onError: error => void (error instanceof ServerWarning || errors.push(error)),
    })
    await tidemark.ready
  } catch {
    return 'refused'
  }
  const fail = (message: string): Error => new Error(`${message} ${errors.map(String).join(' ')}`)
  let isMissing = false
  let isWritable = true
  for (const round of [1, 2]) {
    for (const [index, query] of queries.entries()) {
      const { missing, ...answer } = await ask(tidemark, query).catch((error: unknown) => {
        throw fail(String(error))
      })
      const isSame = round === 2 || JSON.stringify(answer) === JSON.stringify(answers[index])
      if (!isSame && !missing) throw fail(`${query} differs without a report.`)
      isMissing ||= missing !== undefined
    }
    const event = { name: 'page_view', visitorId: 'late', url: 'https://a.example/' }
    isWritable &&= await send(tidemark, { events: [event] })
  }
  await tidemark.close()
  if (errors.length > 0) throw errors[0]
  if (!isWritable) return 'unwritable'
  return isMissing ? 'missing' : 'same'
}

/** Returns positions of each kind of byte: in the header, the b-tree header, pointers, keys and content of every page. */
export function positionsOf({ size }: StoredHistory, perPage: number): number[] {
  const positions = [16, 18, 24, 28, 44, 56, 60]
  for (let page = 0; page < size; page += pageBytes) {
    const start = page === 0 ? 100 : page
    positions.push(start, start + 3, start + 5, start + 9)
    for (let each = 0; each < perPage; each++) {
      positions.push(page + Math.floor(((each + 0.5) / perPage) * pageBytes))
    }
  }
  return positions.filter(position => position < size)
}
