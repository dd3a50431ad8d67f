import { type IncomingMessage, type ServerResponse, createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A request of the tracker, as a server between the browser and Tidemark sees it. */
export interface ProxiedRequest {
  readonly method: string
  readonly path: string
  readonly body: string
  /** Number of this request, from 1. */
  readonly number: number
  /** Status of the answer, or the fault that replaced it. `undefined` while there is none. */
  result?: number | string
}

/** An answer that Tidemark does not know about. */
export interface IntermediaryAnswer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/**
 * - `lost request`: the connection ends and Tidemark gets nothing;
 * - `lost answer`: Tidemark gets the request, and then the connection ends;
 * - `silence`: Tidemark gets nothing and the browser no answer;
 * - `silent delivery`: Tidemark gets the request and the browser no answer;
 * - a promise: the request waits for it.
 */
export type Fault =
  | 'lost request'
  | 'lost answer'
  | 'silence'
  | 'silent delivery'
  | IntermediaryAnswer
  | Promise<unknown>

/** A proxy between the tracker and Tidemark that injects faults. */
export interface FaultProxy {
  /** URL of the API: `http://127.0.0.1:1234/api`. */
  readonly api: string
  /** Requests with a body, in the order of their arrival. Preflights are not among them. */
  readonly requests: readonly ProxiedRequest[]
  /** Number of CORS preflights. */
  readonly preflights: number
  /** Returns the fault of a request. @default none */
  faultOf: (request: ProxiedRequest) => Fault | undefined
  /** Handles a request that another server received. */
  handle(incoming: IncomingMessage, response: ServerResponse): Promise<void>
  close(): Promise<void>
}

/** CORS header that lets the page read an intermediary's answers. */
export const readable = { 'Access-Control-Allow-Origin': '*' }

/** @param targetPort returns the port of Tidemark */
export async function startFaultProxy(targetPort: () => number): Promise<FaultProxy> {
  const requests: ProxiedRequest[] = []
  const server = createServer((incoming, response) => {
    void proxy.handle(incoming, response)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo

  const faultOf: FaultProxy['faultOf'] = () => undefined
  const proxy = {
    api: `http://127.0.0.1:${port}/api`,
    requests,
    preflights: 0,
    faultOf,
    handle: (incoming: IncomingMessage, response: ServerResponse) =>
      handle(incoming, response).catch(() => void response.destroy()),
    close: () =>
      new Promise<void>(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }

  async function handle(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url: path = '' } = incoming
    const body = (await readBytes(incoming)).toString()
    if (method === 'OPTIONS') proxy.preflights += 1
    const proxied: ProxiedRequest = { method, path, body, number: requests.length + 1 }
    if (method === 'POST') requests.push(proxied)
    const fault = method === 'POST' ? proxy.faultOf(proxied) : undefined
    if (fault instanceof Promise) await fault
    else if (typeof fault === 'object') {
      proxied.result = fault.status
      response.writeHead(fault.status, fault.headers).end(fault.body)
      return
    } else if (fault !== undefined) {
      proxied.result = fault
      if (fault === 'lost answer' || fault === 'silent delivery')
        await forward(incoming, body, targetPort())
      if (fault === 'lost request' || fault === 'lost answer') response.destroy()
      return
    }
    const answer = await forward(incoming, body, targetPort())
    proxied.result = answer.status
    response.writeHead(answer.status, answer.headers).end(answer.body)
  }

  return proxy
}

interface ForwardedAnswer {
  status: number
  headers: IncomingMessage['headers']
  body: Buffer
}

/** Repeats a request at Tidemark. Rejects if Tidemark does not run. */
function forward(
  { method, url, headers }: IncomingMessage,
  body: string,
  port: number,
): Promise<ForwardedAnswer> {
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port, method, path: url, headers, agent: false }
    const outgoing = request(options, answer => {
      // A script may be compressed.
      readBytes(answer).then(bytes => {
        const { 'transfer-encoding': _, ...rest } = answer.headers
        resolve({ status: answer.statusCode ?? 0, headers: rest, body: bytes })
      }, reject)
    })
    outgoing.on('error', reject)
    outgoing.end(body)
  })
}

async function readBytes(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of message) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}
