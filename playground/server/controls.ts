import { type Context, Hono } from 'hono'
import { type PlaygroundState, type Switches, parseRestart, parseSwitches } from './switches.ts'

/** What the routes below can do to a playground. */
export interface Controlled {
  readonly state: PlaygroundState
  setSwitches(switches: Partial<Switches>): void
  restart(downMs?: number): Promise<void>
}

/** `/playground/*`: how the panel on the dashboard, and tests, turn the switches. */
export function createControls(playground: Controlled): Hono {
  const app = new Hono().basePath('/playground')

  app.use(async (c, next) => {
    c.header('Cache-Control', 'no-store')
    // No page of another site can send this type without asking first, and nobody answers that question.
    const isJson = c.req.header('Content-Type')?.split(';')[0]?.trim() === 'application/json'
    if (c.req.method === 'POST' && !isJson) {
      return c.json({ error: 'Send Content-Type: application/json.' }, 415)
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
    // A failure is said on the terminal, and by `server` staying down.
    playground.restart(restart.downMs).catch(() => {})
    return c.json(playground.state, 202)
  })

  app.all('*', c => c.json({ error: 'There is nothing here.' }, 404))
  return app
}

async function readJson(c: Context): Promise<unknown> {
  try {
    return await c.req.json()
  } catch {
    return undefined
  }
}
