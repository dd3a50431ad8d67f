import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { getRequestListener } from '@hono/node-server'
import { Hono } from 'hono'
import { createAnalytics } from './analytics.ts'
import { createControls } from './controls.ts'
import { openGate } from './network/gate.ts'
import { createPages } from './network/pages.ts'
import { createSimulation } from './simulation.ts'
import type { PlaygroundState, Switches } from './switches.ts'

/** The site that the demo shop is tracked as. */
export const siteId = 'demo'

export interface PlaygroundOptions {
  /** 0 for any that is free. @default 4711 */
  port?: number
  /** @default '127.0.0.1' */
  hostname?: string
  /** Directory of the analytics server's log, made when it is missing. @default '.tidemark/playground' of the repository */
  dataDir?: string
  /** Whether simulated shoppers come. @default 'on' */
  simulation?: Switches['simulation']
  /** Where the built pages are. @default 'dist' of this package */
  pagesDir?: string
  /** In [0, 1); what the shoppers do follows from it. @default Math.random */
  random?: () => number
  /** Told in a sentence of what goes wrong later. @default it is written to the error stream */
  onTrouble?(message: string): void
}

export interface Playground {
  /** Where all of it is: `http://127.0.0.1:4711`. */
  readonly url: string
  readonly port: number
  readonly state: PlaygroundState
  /** Takes effect at once, also on connections that are open. */
  setSwitches(switches: Partial<Switches>): void
  /**
   * Kills the analytics server with SIGKILL and starts it again; resolves when it takes requests.
   * @param downMs how long it stays dead, in milliseconds. @default 2000
   */
  restart(downMs?: number): Promise<void>
  /** Ends everything; resolves when no process and no port is left. */
  close(): Promise<void>
}

const defaultDownMs = 2000

/**
 * Starts the shop, the dashboard and an analytics server on one port.
 * @throws when the port is taken (`EADDRINUSE`), or the analytics server cannot start
 */
export async function startPlayground(options: PlaygroundOptions = {}): Promise<Playground> {
  const { port = 4711, hostname = '127.0.0.1', simulation = 'on' } = options
  const onTrouble = options.onTrouble ?? (message => console.error(message))
  const dataDir = options.dataDir ?? fromHere('../../.tidemark/playground')
  const analytics = createAnalytics({
    dataDir,
    onCrash: reason => onTrouble(`The analytics server has ended by itself (${reason}).`),
  })
  const pages = new Hono()
  const answer = getRequestListener(pages.fetch)
  const gate = await openGate({
    port,
    hostname,
    target: () => analytics.port,
    pages: (request, response) => void answer(request, response),
  })
  const shoppers = createSimulation({
    leftBehind: join(dataDir, 'simulated-shoppers.json'),
    endpoint: `${gate.url}/api/sites/${siteId}`,
    origin: gate.url,
    random: options.random ?? Math.random,
    onTrouble,
  })

  let isClosing = false

  const playground: Playground = {
    url: gate.url,
    port: gate.port,
    get state(): PlaygroundState {
      return {
        ...gate.switches,
        simulation: shoppers.isOn ? 'on' : 'off',
        server: analytics.port === undefined ? 'down' : 'up',
        shoppers: shoppers.present,
      }
    },
    setSwitches({ simulation: simulated, ...network }) {
      gate.set(network)
      if (simulated) shoppers.turn(simulated)
    },
    async restart(downMs = defaultDownMs) {
      try {
        await analytics.restart(downMs)
        shoppers.serverRestarted()
      } catch (error) {
        if (isClosing) return
        onTrouble(`The analytics server did not come back: ${String(error)}`)
        throw error
      }
    },
    async close() {
      isClosing = true
      await shoppers.stop()
      await gate.close()
      await analytics.close()
    },
  }
  pages.route('/', createControls(playground))
  pages.route('/', createPages(options.pagesDir ?? fromHere('../dist')))
  try {
    await analytics.start()
    await shoppers.begin()
  } catch (error) {
    await playground.close()
    throw error
  }
  if (simulation === 'on') shoppers.turn('on')
  return playground
}

function fromHere(path: string): string {
  return fileURLToPath(new URL(path, import.meta.url))
}
