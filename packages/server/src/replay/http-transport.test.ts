import { once } from 'node:events'
import {
  type IncomingHttpHeaders,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
  createServer,
} from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterEach, describe, expect, it } from 'vitest'
import { createHttpTransport } from './http-transport.ts'
import { replayLimits } from './limits.ts'

const cleanUp: (() => void)[] = []
afterEach(() => cleanUp.splice(0).forEach(run => run()))

async function urlOf(listener: RequestListener): Promise<URL> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  cleanUp.push(() => server.close().closeAllConnections())
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return new URL(`http://127.0.0.1:${port}/api/sites/demo/events`)
}

describe('createHttpTransport', () => {
  it('posts the body with the user agent of the visitor, or without one', async () => {
    const requests: {
      method?: string
      url?: string
      headers: IncomingHttpHeaders
      body: string
    }[] = []
    async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
      const { method = '', url: path = '', headers } = request
      const body = await text(request)
      requests.push({ method, url: path, headers, body })
      response.writeHead(503, { 'retry-after': '7' }).end('later')
    }
    const url = await urlOf((request, response) => void respond(request, response))
    const transport = createHttpTransport(url)
    const first = await transport.post('{"é":1}', 'Grüße/1.0')
    await transport.post('{}', undefined)
    transport.close()

    expect(first).toEqual({ status: 503, retryAfter: '7', body: 'later' })
    expect(requests[0]).toMatchObject({
      method: 'POST',
      url: '/api/sites/demo/events',
      headers: { 'user-agent': 'Grüße/1.0', 'content-type': 'application/json' },
      body: '{"é":1}',
    })
    expect(requests[1]?.headers).not.toHaveProperty('user-agent')
  })

  it('rejects when the connection is refused, or lost within the response', async () => {
    const lost = createHttpTransport(
      await urlOf((_, response) => {
        response.writeHead(202, { 'content-length': '10' }).write('half', () => response.destroy())
      }),
    )
    await expect(lost.post('{}', undefined)).rejects.toThrow('aborted')
    const refused = createHttpTransport(new URL('http://127.0.0.1:1/'))
    await expect(refused.post('{}', undefined)).rejects.toThrow('ECONNREFUSED')
  })

  it('rejects after the timeout', async () => {
    const transport = createHttpTransport(await urlOf(() => {}), 20)
    await expect(transport.post('{}', undefined)).rejects.toThrow('no response within 0.02 s')
  })

  it('rejects a response that is too long', async () => {
    const url = await urlOf((_, response) => {
      response.end('x'.repeat(replayLimits.maxResponseBytes + 1))
    })
    const transport = createHttpTransport(url)
    await expect(transport.post('{}', undefined)).rejects.toThrow('the response is longer than')
    transport.close()
  })

  it('rejects the requests in flight when it is closed', async () => {
    const arrived = Promise.withResolvers<void>()
    const transport = createHttpTransport(await urlOf(() => arrived.resolve()))
    const posted = transport.post('{}', undefined)
    await arrived.promise
    transport.close()
    await expect(posted).rejects.toThrow('the replay has ended')
  })
})
