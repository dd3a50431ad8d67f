import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** How nginx is set up, in the words of docs/deploying.md. */
export interface NginxSetup {
  /** Puts the page's cache before `realtime`. */
  isCaching?: boolean
  /** Takes out what lets an upgrade through. */
  forbidsUpgrades?: boolean
  /** Lets nothing through that is held open, so that polls are all there is. */
  forbidsWaiting?: boolean
  /** Compresses what it can. */
  compresses?: boolean
  /** Folder of built pages that it serves beside the server, as a site does that shows its own numbers. */
  pagesDir?: string
}

export interface Nginx {
  readonly url: string
  /** Ends it, so that nothing answers at its address. */
  stop(): Promise<void>
  /** Runs it again, at the same address. */
  start(): Promise<void>
  close(): Promise<void>
}

const page = new URL('../../docs/deploying.md', import.meta.url)

/** A real nginx with the page's own blocks, on a port of its own in front of the server at `target`. */
export async function startNginx(
  program: string,
  target: number,
  setup: NginxSetup = {},
): Promise<Nginx> {
  const folder = await mkdtemp(join(tmpdir(), 'tidemark-nginx-'))
  const port = await freePort()
  const conf = join(folder, 'nginx.conf')
  await writeFile(conf, toConf(await readBlocks(), { folder, port, target, setup }))
  let ended: Promise<unknown> = Promise.resolve()
  let end = (): void => {}

  async function start(): Promise<void> {
    const child = spawn(program, ['-p', folder, '-c', conf, '-e', join(folder, 'error.log')], {
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    ended = once(child, 'exit')
    end = () => child.kill('SIGTERM')
    await waitUntilReady(port)
  }

  async function stop(): Promise<void> {
    end()
    await ended
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

interface Blocks {
  server: string
  zone: string
  cache: string
}

async function readBlocks(): Promise<Blocks> {
  const text = await readFile(page, 'utf8')
  const [server = '', zone = '', cache = ''] = [...text.matchAll(/```nginx\n([^]*?)```/g)].map(
    ([, block = '']) => block,
  )
  return { server, zone, cache }
}

interface Addresses {
  folder: string
  port: number
  target: number
  setup: NginxSetup
}

/** What a test puts in front of the page's own locations: the first that matches is the one that counts. */
function toLocations({ forbidsWaiting, pagesDir }: NginxSetup): string {
  const types = 'types { text/html html; text/javascript js; text/css css; image/svg+xml svg; }'
  return `
    ${forbidsWaiting ? 'location ~ /realtime/(ws|sse|frames)$ { return 404; }' : ''}
    ${pagesDir ? `location ~ ^/(dashboard|assets)/|^/[a-z]+\\.(js|svg)$ { root "${pagesDir}"; index index.html; ${types} }` : ''}`
}

/** The page's blocks, with the ports and folders of a test, in what a distribution puts around them. */
function toConf(
  { server, zone, cache }: Blocks,
  { folder, port, target, setup }: Addresses,
): string {
  const lines = setup.isCaching ? `${zone}\n${server.replace(/\}\s*$/, `${cache}}`)}` : server
  const upgrades = /^ *proxy_set_header (?:Upgrade|Connection) .*$/gm
  const placed = (setup.forbidsUpgrades ? lines.replace(upgrades, '') : lines)
    .replace('127.0.0.1:4711', `127.0.0.1:${target}`)
    .replace('listen 80;', `listen 127.0.0.1:${port};${toLocations(setup)}`)
    .replace('/var/cache/nginx', folder)
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
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
      ${temporary}
      ${setup.compresses ? 'gzip on; gzip_proxied any; gzip_min_length 1; gzip_types application/json;' : ''}
      ${placed}
    }`
}

async function freePort(): Promise<number> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

async function waitUntilReady(port: number): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    try {
      await fetch(`http://127.0.0.1:${port}/api/health`).then(answer => answer.arrayBuffer())
      return
    } catch {
      await sleep(25)
    }
  }
  throw new Error('nginx does not answer.')
}
