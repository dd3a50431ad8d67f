import { mkdir, readdir, rename, rm, rmdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { limits } from '@tidemark/protocol'
import { type Tidemark, createTidemark } from '@tidemark/server'
import { countryHeader, goals, siteId } from '../site-options.ts'
import type { PastGroup } from './past-group.ts'
import { createPastVisits } from './past-visits.ts'

const minuteMs = 60_000
const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs

/** The simulation backfills the last hour by itself. */
const endAgeMs = hourMs

export interface HistoryImportOptions {
  /** Data directory of the analytics server. */
  dataDir: string
  days: number
  /** Present time, in milliseconds since 1970. */
  now: number
  random: () => number
}

/**
 * Fills a new data directory with simulated visits of the past days, up to an hour ago. A server with a simulated clock
 * receives them day by day, because a server does not accept events that are older than two days. Does nothing when
 * the directory has data.
 */
export async function importHistory(options: HistoryImportOptions): Promise<void> {
  const { dataDir, days, now, random } = options
  if (days <= 0 || !(await isMissingOrEmpty(dataDir))) return
  // An interrupted import leaves no incomplete data directory.
  const unfinished = `${dataDir}.new`
  await rm(unfinished, { recursive: true, force: true })
  await mkdir(dirname(dataDir), { recursive: true })
  await fill(unfinished, days, now, random)
  // Only some systems rename over an empty directory. `rename` reports any other problem.
  await rmdir(dataDir).catch(() => {})
  await rename(unfinished, dataDir)
}

async function fill(
  dataDir: string,
  days: number,
  now: number,
  random: () => number,
): Promise<void> {
  const end = Math.floor((now - endAgeMs) / minuteMs) * minuteMs
  const start = Math.floor((end - days * dayMs) / hourMs) * hourMs
  const visits = createPastVisits({ start, end }, 'http://127.0.0.1:4711', random)
  let clockTime = start
  const tidemark = createTidemark({
    storage: { dataDir },
    goals,
    proxy: { countryHeader },
    // No timer ever runs: the only checkpoint is that of `close`.
    clock: { now: () => clockTime, after: () => () => {} },
  })
  try {
    for (let from = start; from < end; from += dayMs) {
      clockTime = Math.min(end, from + dayMs)
      const groups = visits.between(from, clockTime)
      await Promise.all(groups.map(group => send(tidemark, group)))
    }
  } finally {
    await tidemark.close()
  }
}

/** Address of the simulated visitors. No rate limits it. */
const loopback = '127.0.0.1'
/** Events of a request. With 300 bytes each, they fit into the largest body. */
const maxEvents = Math.min(limits.maxBatchEvents, Math.floor(limits.maxBodyBytes / 600))

async function send(
  tidemark: Tidemark,
  { userAgent, country, events, ...facts }: PastGroup,
): Promise<void> {
  for (let first = 0; first < events.length; first += maxEvents) {
    const body = {
      ...facts,
      properties: { simulated: true },
      events: events.slice(first, first + maxEvents),
    }
    const request = new Request(`http://127.0.0.1/api/sites/${siteId}/events`, {
      method: 'POST',
      headers: { 'User-Agent': userAgent, [countryHeader]: country },
      body: JSON.stringify(body),
    })
    const response = await tidemark.fetch(request, { address: loopback })
    if (response.status !== 202) throw new Error(`Simulated history: ${await response.text()}`)
  }
}

async function isMissingOrEmpty(directory: string): Promise<boolean> {
  try {
    return (await readdir(directory)).length === 0
  } catch {
    return true
  }
}
