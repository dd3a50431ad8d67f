import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { getRequestListener } from '@hono/node-server'
import { Hono } from 'hono'
import { createAnalyticsProcess } from './analytics-process.ts'
import { createControls } from './controls.ts'
import { startFaultyProxy } from './network/faulty-proxy.ts'
import { createPages } from './network/pages.ts'
import { createSimulation } from './simulation.ts'
import { siteId } from './site-options.ts'
import type { PlaygroundState, Switches } from './switches.ts'

export interface PlaygroundOptions {
  /** Port to listen on; 0 for any free port. @default 4711 */
  port?: number
  /** @default '127.0.0.1' */
  hostname?: string
  /**
   * Directory of the analytics server's log; created when missing. @default '.tidemark/playground' in the repository
   */
  dataDir?: string
  /** Initial position of the shopper simulation switch. @default 'on' */
  simulation?: Switches['simulation']
  /** Days of simulated history in a new data directory. @default 0 */
  historyDays?: number
  /** Directory of the built pages. @default 'dist' in this package */
  pagesDir?: string
  /** Returns numbers in [0, 1) that determine the shoppers' behavior. @default Math.random */
  random?: () => number
  /** Receives a sentence for each error after the start. @default writes to standard error */
  onError?(message: string): void
}

export interface Playground {
  /** Origin of all pages and the API: `http://127.0.0.1:4711`. */
  readonly url: string
  readonly port: number
  readonly state: PlaygroundState
  /** Applies the switches immediately, also to open connections. */
  setSwitches(switches: Partial<Switches>): void
  /**
   * Kills the analytics server with SIGKILL and starts it again. Resolves when it accepts requests.
   * @param downMs downtime in milliseconds. @default 2000
   */
  restart(downMs?: number): Promise<void>
  /** Stops the simulation, the proxy and the analytics server. Resolves when the process and port are released. */
  close(): Promise<void>
}

const defaultDownMs = 2000

/**
 * Starts the shop, the dashboard and an analytics server on one port.
 * @throws when the port is in use (`EADDRINUSE`) or the analytics server cannot start
 */
export async function startPlayground(options: PlaygroundOptions = {}): Promise<Playground> {
  const { port = 4711, hostname = '127.0.0.1' } = options
  const onError = options.onError ?? (message => console.error(message))
  const dataDir = options.dataDir ?? resolvePath('../../.tidemark/playground')
  const analytics = createAnalyticsProcess({
    dataDir,
    historyDays: options.historyDays ?? 0,
    onCrash: reason =>
      onError(`The analytics server ended unexpectedly (${reason}). Restart the playground.`),
  })
  const pages = new Hono()
  const servePages = getRequestListener(pages.fetch)
  const proxy = await startFaultyProxy({
    port,
    hostname,
    upstreamPort: () => analytics.port,
    pages: (request, response) => void servePages(request, response),
  })
  const simulation = createSimulation({
    loggedShoppersFile: join(dataDir, 'simulated-shoppers.json'),
    endpoint: `${proxy.url}/api/sites/${siteId}`,
    origin: proxy.url,
    random: options.random ?? Math.random,
    onError,
  })

  let isClosing = false

  const playground: Playground = {
    url: proxy.url,
    port: proxy.port,
    get state(): PlaygroundState {
      return {
        ...proxy.switches,
        simulation: simulation.isOn ? 'on' : 'off',
        server: analytics.port === undefined ? 'down' : 'up',
        shoppers: simulation.activeShoppers,
      }
    },
    setSwitches({ simulation: position, ...network }) {
      proxy.setSwitches(network)
      if (position) simulation.setOn(position === 'on')
    },
    async restart(downMs = defaultDownMs) {
      try {
        await analytics.restart(downMs)
        simulation.onServerRestart()
      } catch (error) {
        if (isClosing) return
        onError(`The analytics server did not restart: ${String(error)}`)
        throw error
      }
    },
    async close() {
      isClosing = true
      await simulation.stop()
      await proxy.close()
      await analytics.close()
    },
  }
  pages.route('/', createControls(playground))
  pages.route('/', createPages(options.pagesDir ?? resolvePath('../dist')))
  try {
    await analytics.start()
    await simulation.restore()
  } catch (error) {
    await playground.close()
    throw error
  }
  if (options.simulation !== 'off') simulation.setOn(true)
  return playground
}

function resolvePath(path: string): string {
  return fileURLToPath(new URL(path, import.meta.url))
}
