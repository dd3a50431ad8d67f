import { readFileSync } from 'node:fs'
import { type IncomingHttpHeaders, type ServerResponse, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { root } from '../../../scripts/run.ts'
import type { FaultProxy } from './fault-proxy.ts'

/** A page of the site that uses the tracker. */
export interface SitePage {
  /** Content of the body, and of the head if it begins there. */
  readonly html: string
  readonly title?: string
  readonly headers?: Readonly<Record<string, string>>
  /** @default 200 */
  readonly status?: number
}

/** A web site that includes the tracker. Every one has an origin, and therefore a storage, of its own. */
export interface PageServer {
  /** `http://127.0.0.1:1234` */
  readonly origin: string
  /** Pages by path. Other paths answer 404. */
  readonly pages: Map<string, SitePage>
  /** Scripts by path, besides those of the tracker. */
  readonly scripts: Map<string, string>
  /** Serves the API of a proxy below a path of this site: `/stats` for `/stats/api/…`. */
  forward(prefix: string, proxy: Pick<FaultProxy, 'handle'>): void
  /** Requests so far. */
  readonly requests: readonly { path: string; headers: IncomingHttpHeaders }[]
  close(): Promise<void>
}

const dist = join(root, 'packages/sdk/dist')

/** Path that accepts a request and never answers it. */
const silentPath = '/silence'

export async function startPageServer(): Promise<PageServer> {
  const pages = new Map<string, SitePage>()
  const scripts = new Map<string, string>(
    ['tidemark.js', 'tidemark.extra.js'].map(name => [
      `/${name}`,
      readFileSync(join(dist, name), 'utf8').replace(/\/\/# sourceMappingURL=.*/, ''),
    ]),
  )
  const requests: { path: string; headers: IncomingHttpHeaders }[] = []
  const forwards = new Map<string, Pick<FaultProxy, 'handle'>>()
  const server = createServer((incoming, response) => {
    for (const [prefix, proxy] of forwards) {
      if (!incoming.url?.startsWith(`${prefix}/`)) continue
      incoming.url = incoming.url.slice(prefix.length)
      void proxy.handle(incoming, response)
      return
    }
    const path = new URL(incoming.url ?? '/', 'http://site').pathname
    requests.push({ path, headers: incoming.headers })
    const script = scripts.get(path)
    const page = pages.get(path)
    if (path === silentPath) incoming.resume()
    else if (script !== undefined) answerScript(response, script)
    else if (page) answerPage(response, page)
    else response.writeHead(404).end()
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    origin: `http://127.0.0.1:${port}`,
    pages,
    scripts,
    forward: (prefix, proxy) => void forwards.set(prefix, proxy),
    requests,
    close: () =>
      new Promise<void>(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function answerScript(response: ServerResponse, script: string): void {
  response.writeHead(200, {
    'Content-Type': 'text/javascript; charset=utf-8',
    'Access-Control-Allow-Origin': '*',
  })
  response.end(script)
}

function answerPage(response: ServerResponse, page: SitePage): void {
  const { html, title = 'Page', status = 200, headers } = page
  response.writeHead(status, { 'Content-Type': 'text/html; charset=utf-8', ...headers })
  response.end(
    `<!doctype html><html lang="en"><meta charset="utf-8"><title>${title}</title>` +
      `<link rel="icon" href="data:,">${html}</html>`,
  )
}
