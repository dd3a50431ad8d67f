import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** Changes to the nginx configuration of `deploy/nginx`. */
export interface NginxSetup {
  /** Uses the configuration with a cache for `realtime`. */
  isCaching?: boolean
  /** Removes the headers that allow WebSocket upgrades. */
  forbidsUpgrades?: boolean
  /** Answers WebSocket, event stream and long-poll requests with 404, so that only polls work. */
  forbidsWaiting?: boolean
  /** Compresses JSON answers with gzip. */
  compresses?: boolean
  /** Folder of built pages that nginx serves beside the API, like a site with its own dashboard. */
  pagesDir?: string
}

export interface Nginx {
  readonly url: string
  /** Stops nginx, so that its address refuses connections. */
  stop(): Promise<void>
  /** Starts nginx again at the same address. */
  start(): Promise<void>
  close(): Promise<void>
}

/**
 * Starts nginx on a free port, with the configuration of `deploy/nginx`, in front of the server at port `target`.
 */
export async function startNginx(
  program: string,
  target: number,
  setup: NginxSetup = {},
): Promise<Nginx> {
  const folder = await mkdtemp(join(tmpdir(), 'tidemark-nginx-'))
  const port = await findFreePort()
  const conf = join(folder, 'nginx.conf')
  await writeFile(conf, toConf(await readSite(setup), { folder, port, target, setup }))
  let exited: Promise<unknown> = Promise.resolve()
  let terminate = (): void => {}

  async function start(): Promise<void> {
    const child = spawn(program, ['-p', folder, '-c', conf, '-e', join(folder, 'error.log')], {
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    exited = once(child, 'exit')
    terminate = () => child.kill('SIGTERM')
    await waitUntilReady(port, 'nginx')
  }

  async function stop(): Promise<void> {
    terminate()
    await exited
  }

  await start()
  return {
    url: `http://127.0.0.1:${port}`,
    start,
    stop,
    async close() {
      await stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Reads the configuration of the site. */
function readSite({ isCaching }: NginxSetup): Promise<string> {
  const name = isCaching ? 'tidemark-public.conf' : 'tidemark.conf'
  return readFile(new URL(`../../deploy/nginx/${name}`, import.meta.url), 'utf8')
}

interface Addresses {
  folder: string
  port: number
  target: number
  setup: NginxSetup
}

/** Locations of the test, placed before those of the site: nginx uses the first location that matches. */
function toLocations({ forbidsWaiting, pagesDir }: NginxSetup): string {
  const types = 'types { text/html html; text/javascript js; text/css css; image/svg+xml svg; }'
  return `
    ${forbidsWaiting ? 'location ~ /realtime/(ws|sse|frames)$ { return 404; }' : ''}
    ${pagesDir ? `location ~ ^/(dashboard|assets)/|^/[a-z]+\\.(js|svg)$ { root "${pagesDir}"; index index.html; ${types} }` : ''}`
}

/** Creates a complete nginx.conf from that of a site, with the ports and folders of a test. */
function toConf(site: string, { folder, port, target, setup }: Addresses): string {
  const upgradeHeaders = /^ *proxy_set_header (?:Upgrade|Connection) .*$/gm
  const placedSite = (setup.forbidsUpgrades ? site.replace(upgradeHeaders, '') : site)
    .replace('127.0.0.1:4711', `127.0.0.1:${target}`)
    .replace('listen 80;', `listen 127.0.0.1:${port};${toLocations(setup)}`)
    .replace('/var/cache/nginx', folder)
  const temporaryPaths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map(name => `${name}_temp_path ${folder}/${name};`)
    .join('\n')
  return `
    daemon off;
    master_process off;
    pid ${folder}/nginx.pid;
    error_log ${folder}/error.log;
    events { worker_connections 1024; }
    http {
      access_log off;
      ${temporaryPaths}
      ${setup.compresses ? 'gzip on; gzip_proxied any; gzip_min_length 1; gzip_types application/json;' : ''}
      ${placedSite}
    }`
}

/** Returns a port that no program listens on. */
export async function findFreePort(): Promise<number> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** Waits until a proxy answers at a port. @param name of the proxy, for the error */
export async function waitUntilReady(port: number, name: string): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    try {
      await fetch(`http://127.0.0.1:${port}/api/health`).then(answer => answer.arrayBuffer())
      return
    } catch {
      await sleep(25)
    }
  }
  throw new Error(`${name} does not answer at port ${port}.`)
}
