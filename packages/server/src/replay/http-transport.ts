import { Agent, type ClientRequest, type IncomingMessage, request as httpRequest } from 'node:http'
import { Agent as TlsAgent, request as httpsRequest } from 'node:https'
import { urlToHttpOptions } from 'node:url'
import { replayLimits } from './limits.ts'
import type { Transport, TransportResponse } from './transport.ts'

/**
 * Creates a transport that posts to one URL over a bounded number of kept-alive connections. Each request has the
 * User-Agent of its visitor, or none. (`node:http` needs half of the CPU time of `fetch` for this.)
 * @param timeoutMs longest time without data from the server
 */
export function createHttpTransport(
  url: URL,
  timeoutMs: number = replayLimits.requestTimeoutMs,
): Transport {
  const isSecure = url.protocol === 'https:'
  const agentOptions = { keepAlive: true, maxSockets: replayLimits.maxConcurrentRequests }
  const agent = isSecure ? new TlsAgent(agentOptions) : new Agent(agentOptions)
  const send = isSecure ? httpsRequest : httpRequest
  const target = { ...urlToHttpOptions(url), method: 'POST', agent }
  const inFlight = new Set<ClientRequest>()

  function post(body: string, userAgent: string | undefined): Promise<TransportResponse> {
    const bytes = Buffer.from(body)
    const headers = {
      'content-type': 'application/json',
      'content-length': bytes.length,
      ...(userAgent !== undefined && { 'user-agent': userAgent }),
    }
    return new Promise((resolve, reject) => {
      const request = send({ ...target, headers }, response => {
        readResponse(response).then(resolve, reject)
      })
      request.setTimeout(timeoutMs, () => {
        request.destroy(new Error(`no response within ${timeoutMs / 1000} s`))
      })
      request.on('error', reject)
      request.on('close', () => inFlight.delete(request))
      inFlight.add(request)
      request.end(bytes)
    })
  }

  return {
    post,
    close() {
      for (const request of inFlight) request.destroy(new Error('the replay has ended'))
      agent.destroy()
    },
  }
}

async function readResponse(response: IncomingMessage): Promise<TransportResponse> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > replayLimits.maxResponseBytes) {
      throw new Error(`the response is longer than ${replayLimits.maxResponseBytes} bytes`)
    }
    chunks.push(chunk)
  }
  return {
    status: response.statusCode ?? 0,
    retryAfter: response.headers['retry-after'],
    body: Buffer.concat(chunks).toString(),
  }
}
