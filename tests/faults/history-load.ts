import { spawn } from 'node:child_process'
import process from 'node:process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { createTidemark } from '@tidemark/server'
import { onTestFinished } from 'vitest'
import { createManualClock } from '../../packages/server/src/testing/clock.ts'
import type { ServerLoad } from './history-load-main.ts'

const minuteMs = 60_000
const visitors = 300

export interface LoadedServer {
  /** Address of the site's history. */
  readonly metrics: string
  /** Address of the server's health. */
  readonly health: string
  /** Returns the load while `work` runs. */
  measure(work: () => Promise<void>): Promise<ServerLoad>
}

/**
 * Fills a data directory with page views of the last minutes, each page once a minute.
 * @returns the start of the first minute, in milliseconds since 1970
 */
export async function fillHistory(
  dataDir: string,
  { minutes, pages }: { minutes: number; pages: number },
): Promise<number> {
  const from = Math.floor(Date.now() / minuteMs) * minuteMs - minutes * minuteMs
  const clock = createManualClock(from)
  const tidemark = createTidemark({ storage: { dataDir }, clock })
  for (let minute = 0; minute < minutes; minute++) {
    const events = Array.from({ length: pages }, (_, page) => ({
      name: 'page_view',
      visitorId: `v${(minute + page) % visitors}`,
      url: `https://shop.example/products/${page}`,
    }))
    for (let at = 0; at < pages; at += 1000) {
      const body = JSON.stringify({ events: events.slice(at, at + 1000) })
      const request = new Request('http://stats.example/api/sites/shop/events', {
        method: 'POST',
        body,
      })
      const answer = await tidemark.fetch(request)
      if (answer.status !== 202) throw new Error(await answer.text())
    }
    await clock.pass(minuteMs)
  }
  await tidemark.close()
  return from
}

/** Flags with which the command `tidemark` runs. */
const nodeFlags = [
  '--max-semi-space-size=16',
  '--heap-growing-percent=50',
  '--no-allocation-site-pretenuring',
]

const script = fileURLToPath(new URL('./history-load-main.ts', import.meta.url))

/** Starts a server in a separate process, which ends with the test. */
export async function startLoadedServer(dataDir: string): Promise<LoadedServer> {
  const child = spawn(
    process.execPath,
    [...nodeFlags, '--disable-warning=ExperimentalWarning', script, dataDir],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  )
  onTestFinished(() => void child.kill('SIGKILL'))
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const nextLine = async (): Promise<string> => String((await lines.next()).value)
  const api = `${await nextLine()}/api`
  return {
    metrics: `${api}/sites/shop/metrics`,
    health: `${api}/health`,
    async measure(work) {
      child.stdin.write('start\n')
      await work()
      child.stdin.write('report\n')
      return JSON.parse(await nextLine()) as ServerLoad
    },
  }
}
