import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { BuiltTracker } from './build.ts'

/** A site with one page that has a tracker, and another site to which visitors leave. */
export interface Site {
  readonly url: string
  readonly otherUrl: string
  /** JavaScript files that the page has loaded from this site. */
  readonly loaded: ReadonlyMap<string, Buffer>
  close(): Promise<void>
}

export async function startSite(built: BuiltTracker, collectorUrl: string): Promise<Site> {
  const loaded = new Map<string, Buffer>()
  const html = toPage(built, collectorUrl)
  const server = createServer((request, response) => {
    const path = request.url ?? '/'
    const file = built.files.get(path.slice(1))
    if (file) {
      loaded.set(path, file)
      response.setHeader('Content-Type', 'text/javascript')
      response.end(file)
      return
    }
    response.setHeader('Content-Type', 'text/html; charset=utf-8')
    response.end(path === '/' ? html : '<!doctype html><title>Other</title>')
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  return {
    url: `http://shop.localhost:${port}/`,
    otherUrl: `http://other.localhost:${port}/other`,
    loaded,
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function toPage({ tracker: { script }, entry }: BuiltTracker, collectorUrl: string): string {
  const attributes =
    script.kind === 'module'
      ? { type: 'module' }
      : { defer: '', ...script.attributes(collectorUrl) }
  const tag = Object.entries(attributes).map(([name, value]) => `${name}="${value}"`)
  const prepare = [
    `globalThis.collector = ${JSON.stringify(collectorUrl)}`,
    script.kind === 'tag' ? `globalThis.trackEvent = name => ${script.call}` : '',
  ]
  return `<!doctype html><html lang="en"><title>Shop</title><link rel="icon" href="data:,">
<script>${prepare.join('\n')}</script>
<script src="/${entry}" ${tag.join(' ')}></script>
<body><h1>Shop</h1></body></html>`
}

/** Returns a reader of the files that a tracker loads from its server, which come with its package. */
export function fileFinder(
  built: BuiltTracker,
  loaded: Map<string, Buffer>,
): (path: string) => Promise<Buffer | undefined> {
  return async path => {
    const [, name] = /^\/static\/(?:[\d.]+\/)?([\w.-]+\.js)$/.exec(path) ?? []
    if (!name) return undefined
    const file = await readFile(join(built.packageFolder, 'dist', name)).catch(() => undefined)
    if (file) loaded.set(path, file)
    return file
  }
}

/** Sizes of files in bytes, as they are and with gzip -9. */
export function sizesOf(files: Iterable<Buffer>): { bytes: number; gzipBytes: number } {
  const list = [...files]
  return {
    bytes: list.reduce((sum, file) => sum + file.length, 0),
    gzipBytes: list.reduce((sum, file) => sum + gzipSync(file, { level: 9 }).length, 0),
  }
}
