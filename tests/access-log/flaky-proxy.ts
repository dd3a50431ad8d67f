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
  /** Requests that reached the server and whose answers did not come back. */
  readonly lostAnswers: number
  /** Requests that did not reach the server. */
  readonly refused: number
  close(): void
}

/**
 * Stands before a server and fails now and then: every seventh request reaches the server, but its
 * answer is lost with the connection; every eleventh is answered with 503 and goes nowhere.
 */
export async function startFlakyProxy(target: string): Promise<FlakyProxy> {
  let [requests, lostAnswers, refused] = [0, 0, 0]
  const agent = new Agent({ keepAlive: true })

  function pass(request: IncomingMessage, response: ServerResponse): void {
    const number = ++requests
    if (number % 11 === 0) {
      refused++
      request.resume()
      response.writeHead(503, { 'retry-after': '0' }).end()
      return
    }
    const { method, headers } = request
    const onward = httpRequest(`${target}${request.url}`, { method, headers, agent }, answer => {
      if (number % 7 === 0) {
        lostAnswers++
        answer.resume().on('end', () => response.destroy())
      } else {
        response.writeHead(answer.statusCode ?? 502)
        answer.pipe(response)
      }
    })
    request.pipe(onward)
  }

  const server = createServer(pass).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('The proxy has no port.')
  return {
    url: `http://127.0.0.1:${address.port}`,
    get lostAnswers() {
      return lostAnswers
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
