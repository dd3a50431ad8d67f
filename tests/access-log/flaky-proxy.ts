import { once } from 'node:events'
import {
  Agent,
  type IncomingMessage,
  type ServerResponse,
  createServer,
  request as httpRequest,
} from 'node:http'

export interface FlakyProxy {
  url: string
  /** Requests that reached the server, with a lost response. */
  readonly lostResponses: number
  /** Requests that the proxy refused. */
  readonly refused: number
  close(): void
}

/**
 * Starts a proxy that fails regularly: it forwards every seventh request but closes the connection instead of
 * responding, and refuses every eleventh request with 503.
 */
export async function startFlakyProxy(target: string): Promise<FlakyProxy> {
  let [requests, lostResponses, refused] = [0, 0, 0]
  const agent = new Agent({ keepAlive: true })

  function forward(request: IncomingMessage, response: ServerResponse): void {
    const number = ++requests
    if (number % 11 === 0) {
      refused++
      request.resume()
      response.writeHead(503, { 'retry-after': '0' }).end()
      return
    }
    const { method, headers } = request
    const forwarded = httpRequest(
      `${target}${request.url}`,
      { method, headers, agent },
      upstream => {
        if (number % 7 === 0) {
          lostResponses++
          upstream.resume().on('end', () => response.destroy())
        } else {
          response.writeHead(upstream.statusCode ?? 502)
          upstream.pipe(response)
        }
      },
    )
    request.pipe(forwarded)
  }

  const server = createServer(forward).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('The proxy has no port.')
  return {
    url: `http://127.0.0.1:${address.port}`,
    get lostResponses() {
      return lostResponses
    },
    get refused() {
      return refused
    },
    close() {
      server.close()
      server.closeAllConnections()
      agent.destroy()
    },
  }
}
