import { onTestFinished } from 'vitest'
import type { TidemarkOptions } from '../config.ts'
import { type Tidemark, composeTidemark } from '../tidemark.ts'
import { type ManualClock, createManualClock } from './clock.ts'

export interface TestServer {
  readonly tidemark: Tidemark
  readonly clock: ManualClock
  /** Sends a request to the server, without a socket. */
  ask(path: string, init?: RequestInit): Promise<Response>
  /** Posts a body to a site; anything but text as JSON. */
  send(body: unknown, init?: SendOptions): Promise<Response>
  /** Reads the live state of a site. */
  read(query?: string, site?: string): Promise<Record<string, unknown>>
}

export interface SendOptions {
  /** @default 'shop' */
  site?: string
  headers?: Record<string, string>
}

/** Creates a server that closes after the test, on a clock that the test advances. */
export function createTestServer(options: TidemarkOptions = {}): TestServer {
  const clock = createManualClock()
  const tidemark = composeTidemark({ clock, ...options }, name => Promise.resolve(`/* ${name} */`))
  onTestFinished(() => tidemark.close())

  async function ask(path: string, init?: RequestInit): Promise<Response> {
    const request = new Request(`http://stats.example${path}`, init)
    return tidemark.fetch(request, { address: '127.0.0.1' })
  }

  return {
    tidemark,
    clock,
    ask,
    send: (body, { site = 'shop', headers = {} } = {}) =>
      ask(`/api/sites/${site}/events`, {
        method: 'POST',
        headers,
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
    async read(query = '', site = 'shop') {
      const answer = await ask(`/api/sites/${site}/realtime${query}`)
      return (await answer.json()) as Record<string, unknown>
    },
  }
}
