import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Selection, type Snapshot, selectionQuery } from '@tidemark/protocol'
import { type Tidemark, type TidemarkOptions, createTidemark } from '@tidemark/server'
import { createManualClock } from '../../packages/server/src/testing/clock.ts'

export type LogKind = 'memory' | 'sqlite'

/** A real server on a port of its own, whose time stands still until a test moves it. */
export interface Served {
  readonly tidemark: Tidemark
  readonly url: string
  /** Address of the site as readers reach it; through a proxy where there is one. */
  readonly siteUrl: string
  readonly clock: ReturnType<typeof createManualClock>
  /** One page view more, of a new visitor; there is no frame of it before time moves. */
  send(): Promise<void>
  /** The same, and the frame that tells of it. */
  visit(): Promise<void>
  /** The whole state at the server itself. */
  read(selection: Selection): Promise<Snapshot>
  close(): Promise<void>
}

/** A frame comes at most this often. */
export const frameMs = 250

export async function serve(
  log: LogKind,
  options: TidemarkOptions = {},
  proxy?: (port: number) => Promise<{ url: string; close(): Promise<void> }>,
): Promise<Served> {
  const clock = createManualClock()
  const dataDir = log === 'sqlite' ? await mkdtemp(join(tmpdir(), 'tidemark-served-')) : undefined
  const tidemark = createTidemark({ clock, ...(dataDir && { storage: { dataDir } }), ...options })
  const { port, url } = await tidemark.listen({ port: 0 })
  const front = await proxy?.(port)
  const direct = `${url}/api/sites/shop`
  let visits = 0

  async function send(): Promise<void> {
    visits++
    const event = {
      name: 'page_view',
      visitorId: `visitor ${visits}`,
      url: `https://shop.example/${visits % 7}`,
    }
    const init = { method: 'POST', body: JSON.stringify(event) }
    const answer = await tidemark.fetch(new Request(`${direct}/events`, init))
    if (answer.status !== 202) throw new Error(`The visit was answered with ${answer.status}`)
  }

  return {
    tidemark,
    url,
    clock,
    siteUrl: `${front?.url ?? url}/api/sites/shop`,
    send,
    async visit() {
      await send()
      clock.advance(frameMs)
    },
    async read(selection) {
      const request = new Request(`${direct}/realtime?${selectionQuery(selection)}`)
      const answer = await tidemark.fetch(request)
      return (await answer.json()) as Snapshot
    },
    async close() {
      await front?.close()
      await tidemark.close()
      if (dataDir) await rm(dataDir, { recursive: true, force: true })
    },
  }
}
