import { Agent, type ClientRequest, type IncomingMessage, request as httpRequest } from 'node:http'
import { Agent as TlsAgent, request as httpsRequest } from 'node:https'
import { urlToHttpOptions } from 'node:url'
import { replayLimits } from './limits.ts'
import type { TransportResponse, Transport } from './transport.ts'

/**
 * Posts to one address over a bounded number of connections that are kept open. Each request carries its
 * own User-Agent, or none. (`node:http` takes half of the processor's time that `fetch` takes for it.)
 * @param timeoutMs longest silence of the server
 */
export function createHttpTransport(
  url: URL,
  timeoutMs: number = replayLimits.requestTimeoutMs,
): Transport {
  const secure = url.protocol === 'https:'
  const limit = { keepAlive: true, maxSockets: replayLimits.maxConcurrentRequests }
  const agent = secure ? new TlsAgent(limit) : new Agent(limit)
  const send = secure ? httpsRequest : httpRequest
  const target = { ...urlToHttpOptions(url), method: 'POST', agent }
  const underWay = new Set<ClientRequest>()

  function post(body: string, userAgent: string | undefined): Promise<TransportResponse> {
    const bytes = Buffer.from(body)
    const headers = {
      'content-type': 'application/json',
      'content-length': bytes.length,
      ...(userAgent !== undefined && { 'user-agent': userAgent }),
    }
    return new Promise((resolve, reject) => {
      const request = send({ ...target, headers }, response => {
        readAnswer(response).then(resolve, reject)
      })
      request.setTimeout(timeoutMs, () => {
        request.destroy(new Error(`no answer within ${timeoutMs / 1000} s`))
      })
      request.on('error', reject)
      request.on('close', () => underWay.delete(request))
      underWay.add(request)
      request.end(bytes)
    })
  }

  return {
    post,
    close() {
      for (const request of underWay) request.destroy(new Error('the replay has ended'))
      agent.destroy()
    },
  }
}

async function readAnswer(response: IncomingMessage): Promise<TransportResponse> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > replayLimits.maxResponseBytes) throw new Error('the answer is too long')
    chunks.push(chunk)
  }
  return {
    status: response.statusCode ?? 0,
    retryAfter: response.headers['retry-after'],
    body: Buffer.concat(chunks).toString(),
  }
}
