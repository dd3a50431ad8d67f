import { type Context, Hono } from 'hono'
import { type PlaygroundState, type Switches, parseRestart, parseSwitches } from './switches.ts'

/** The parts of a playground that the routes use. */
export interface ControllablePlayground {
  readonly state: PlaygroundState
  setSwitches(switches: Partial<Switches>): void
  restart(downMs?: number): Promise<void>
}

/** Routes under `/playground`, with which the dashboard and tests read and set the switches. */
export function createControls(playground: ControllablePlayground): Hono {
  const app = new Hono().basePath('/playground')

  app.use(async (c, next) => {
    c.header('Cache-Control', 'no-store')
    // Another site's page needs a CORS preflight for this content type, and the preflight fails.
    const isJson = c.req.header('Content-Type')?.split(';')[0]?.trim() === 'application/json'
    if (c.req.method === 'POST' && !isJson) {
      return c.json(
        { error: 'Unsupported content type; send Content-Type: application/json.' },
        415,
      )
    }
    return next()
  })

  app.get('/switches', c => c.json(playground.state))

  app.post('/switches', async c => {
    const switches = parseSwitches(await readJson(c))
    if (typeof switches === 'string') return c.json({ error: switches }, 400)
    playground.setSwitches(switches)
    return c.json(playground.state)
  })

  app.post('/restart', async c => {
    const restart = parseRestart(await readJson(c))
    if (typeof restart === 'string') return c.json({ error: restart }, 400)
    // The playground logs a failure, and `server` stays `down`.
    playground.restart(restart.downMs).catch(() => {})
    return c.json(playground.state, 202)
  })

  app.all('*', c =>
    c.json(
      { error: 'Not found; use GET or POST /playground/switches, or POST /playground/restart.' },
      404,
    ),
  )
  return app
}

async function readJson(c: Context): Promise<unknown> {
  try {
    return await c.req.json()
  } catch {
    return undefined
  }
}
