import { once } from 'node:events'
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http'
import { text } from 'node:stream/consumers'

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
  const server = createServer((request, response) => void pass(request, response))
  async function pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const number = ++requests
    const body = await text(request)
    if (number % 11 === 0) {
      refused++
      response.writeHead(503, { 'retry-after': '0' }).end()
      return
    }
    const { 'content-type': type = '', 'user-agent': agent = '' } = request.headers
    const headers = { 'content-type': type, 'user-agent': agent }
    const answer = await fetch(`${target}${request.url}`, { method: 'POST', headers, body })
    const verdict = await answer.text()
    if (number % 7 === 0) {
      lostAnswers++
      response.destroy()
    } else {
      response.writeHead(answer.status).end(verdict)
    }
  }
  server.listen(0, '127.0.0.1')
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
    },
  }
}
