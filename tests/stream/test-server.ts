import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Selection, type Snapshot, selectionQuery } from '@tidemark/protocol'
import { type Tidemark, type TidemarkOptions, createTidemark } from '@tidemark/server'
import { createManualClock } from '../../packages/server/src/testing/clock.ts'

export type LogType = 'memory' | 'sqlite'

/** A real server on a free port. Its clock moves only when a test advances it. */
export interface TestServer {
  readonly tidemark: Tidemark
  readonly url: string
  /** API address of the site for readers, through the proxy if there is one. */
  readonly siteUrl: string
  readonly clock: ReturnType<typeof createManualClock>
  /** Sends a page view of a new visitor. Its frame is published when the clock advances. */
  sendVisit(): Promise<void>
  /** Sends a page view of a new visitor and publishes its frame. */
  publish(): Promise<void>
  /** Reads a snapshot directly from the server, past the proxy. */
  read(selection: Selection): Promise<Snapshot>
  close(): Promise<void>
}

/** Shortest time between two frames, in milliseconds. */
export const frameIntervalMs = 250

/** @param proxy starts a proxy in front of the server's port */
export async function startTestServer(
  log: LogType,
  options: TidemarkOptions = {},
  proxy?: (port: number) => Promise<{ url: string; close(): Promise<void> }>,
): Promise<TestServer> {
  const clock = createManualClock()
  const dataDir = log === 'sqlite' ? await mkdtemp(join(tmpdir(), 'tidemark-test-')) : undefined
  const tidemark = createTidemark({ clock, ...(dataDir && { storage: { dataDir } }), ...options })
  const { port, url } = await tidemark.listen({ port: 0 })
  const proxyServer = await proxy?.(port)
  const siteUrl = `${url}/api/sites/shop`
  let visits = 0

  async function sendVisit(): Promise<void> {
    visits++
    const event = {
      name: 'page_view',
      visitorId: `visitor ${visits}`,
      url: `https://shop.example/${visits % 7}`,
      properties: { plan: `plan ${visits % 5}` },
    }
    const init = { method: 'POST', body: JSON.stringify(event) }
    const answer = await tidemark.fetch(new Request(`${siteUrl}/events`, init))
    if (answer.status !== 202)
      throw new Error(`POST events: expected status 202, got ${answer.status}.`)
  }

  return {
    tidemark,
    url,
    clock,
    siteUrl: `${proxyServer?.url ?? url}/api/sites/shop`,
    sendVisit,
    async publish() {
      await sendVisit()
      clock.advance(frameIntervalMs)
    },
    async read(selection) {
      const request = new Request(`${siteUrl}/realtime?${selectionQuery(selection)}`)
      const answer = await tidemark.fetch(request)
      return (await answer.json()) as Snapshot
    },
    async close() {
      await proxyServer?.close()
      await tidemark.close()
      if (dataDir) await rm(dataDir, { recursive: true, force: true })
    },
  }
}
