import { Writable } from 'node:stream'
import { channelNames, isObject } from '@tidemark/protocol'
import { type Context, Hono, type MiddlewareHandler } from 'hono'
import type { Clock } from './shared/clock.ts'
import type { Access, Scope } from './guard/access.ts'
import type { Admit } from './guard/admit.ts'
import { challengeOf } from './guard/challenge.ts'
import { type MayRead, createCors } from './http/cors.ts'
import type { Privacy } from './http/privacy.ts'
import { problem } from './http/problem.ts'
import type { ConnectionOwner, ConnectionLimiter } from './live/connection-limiter.ts'
import { answerRealtime, selectionOf } from './routes/realtime.ts'
import { answerFrames } from './routes/frames.ts'
import type { ReaderSettings } from './live/reader.ts'
import { answerEventStream } from './routes/sse.ts'
import type { WebSocketRoute } from './routes/websocket.ts'
import { answerLimits } from './routes/limits.ts'
import { answerMetrics } from './routes/metrics.ts'
import type { Site } from './sites/site.ts'
import type { Sites } from './sites/sites.ts'

export interface AppOptions {
  sites: Sites
  clock: Clock
  admit: Admit
  /** Which pages CORS lets read. @default all */
  mayRead?: MayRead | undefined
  ingest: (c: Context, site: Site) => Promise<Response>
  websocket: WebSocketRoute
  reading: ReaderSettings
  /** What is held open for readers. */
  limiter: ConnectionLimiter
  /** The address that a request comes from; empty where there is none. */
  addressOf: (c: Context) => string
  privacy: Privacy
  /** The tracker for script tags. */
  script: (request: Request) => Promise<Response>
  /** Resolves when the log has been folded. */
  ready: Promise<unknown>
  /** Told of mistakes of ours, which are answered with `internal`. */
  onError(error: unknown): void
}

interface Entry {
  readonly site: Site
  /** Until when, and how it is renewed where a request lasts. */
  readonly access: Access
}

/** How long to wait when there are too many sites, in seconds. */
const retryAfterSeconds = 60

/** The API of the server, relative to where it is mounted. */
export function createApp(options: AppOptions): Hono {
  const { sites, clock, admit, ingest, websocket, privacy, reading, limiter } = options
  const app = new Hono()

  /** Everything before a route's own work: who may, until when, and which site. */
  async function enter(c: Context, scope: Scope): Promise<Entry | Response> {
    await options.ready
    const id = c.req.param('site') ?? ''
    const access = await admit(c.req.raw, id, scope)
    if (typeof access === 'string') return problem(access, { headers: challengeOf(access) })
    const site = sites.open(id)
    if (site) return { site, access }
    return problem('too_busy', {
      detail: 'This server holds as many sites as it can. Wait as long as Retry-After says.',
      headers: { 'Retry-After': String(retryAfterSeconds) },
    })
  }

  const holderOf = (c: Context, site: Site): ConnectionOwner => ({
    site: site.id,
    address: options.addressOf(c),
  })

  app.use(createCors(options.mayRead))

  app.post('/sites/:site/events', async c => {
    const entry = await enter(c, 'write')
    return entry instanceof Response ? entry : ingest(c, entry.site)
  })

  app.get('/sites/:site/realtime', noStoreOnUpgrade, async c => {
    const entry = await enter(c, 'read')
    if (entry instanceof Response) return entry
    const selection = selectionOf(channelNames, c.req.raw)
    if (selection instanceof Response) return selection
    return answerRealtime(entry.site.stream, selection, c.req.raw, privacy)
  })

  app.get('/sites/:site/realtime/frames', async c => {
    const entry = await enter(c, 'read')
    if (entry instanceof Response) return entry
    const selection = selectionOf(channelNames, c.req.raw)
    if (selection instanceof Response) return selection
    const { site, access } = entry
    const holder = holderOf(c, site)
    const { stream } = site
    return answerFrames({ stream, selection, request: c.req.raw, clock, access, limiter, holder })
  })

  app.get('/sites/:site/realtime/sse', async c => {
    const entry = await enter(c, 'read')
    if (entry instanceof Response) return entry
    const selection = selectionOf(channelNames, c.req.raw)
    if (selection instanceof Response) return selection
    return answerEventStream({
      ...reading,
      stream: entry.site.stream,
      selection,
      request: c.req.raw,
      access: entry.access,
      limiter,
      holder: holderOf(c, entry.site),
      terminate: terminatorOf(c),
    })
  })

  app.get('/sites/:site/realtime/ws', async (c, next) => {
    // A refusal has to come before the upgrade helper runs, or the socket is already open.
    const entry = await enter(c, 'read')
    if (entry instanceof Response) return entry
    if (!isHandshake(c)) {
      return problem('upgrade_required', {
        // With `Upgrade` alone a proxy would not see that a connection it asked to be closed is.
        headers: { Upgrade: 'websocket', Connection: 'Upgrade, close' },
      })
    }
    const { site, access } = entry
    return websocket.handler(site.stream, holderOf(c, site), access)(c, next)
  })

  app.get('/sites/:site/metrics', async c => {
    const entry = await enter(c, 'read')
    if (entry instanceof Response) return entry
    const { state, availableFrom } = entry.site
    return answerMetrics({ ...state.history, availableFrom }, c.req.raw, clock.now())
  })

  app.get('/sites/:site/limits', async c => {
    const entry = await enter(c, 'read')
    if (entry instanceof Response) return entry
    return answerLimits(entry.site.state, entry.site.intake)
  })

  app.get('/health', async c => {
    return c.json({
      status: 'ok',
      sites: sites.count,
      sockets: limiter.count('websocket'),
      streams: limiter.count('sse'),
      longPolls: limiter.count('long-poll'),
    })
  })

  app.get('/tidemark.js', noStoreOnUpgrade, c => options.script(c.req.raw))

  for (const [path, allow] of routes) {
    app.all(path, () => problem('method_not_allowed', { headers: { Allow: allow } }))
  }
  app.notFound(() => problem('not_found'))
  app.onError(error => {
    // Whoever hangs up in the middle of a body makes no mistake of ours, and reads no answer.
    if ('code' in error && error.code === 'ECONNRESET') return problem('body_invalid')
    options.onError(error)
    return problem('internal')
  })
  return app
}

const routes: readonly (readonly [string, string])[] = [
  ['/sites/:site/events', 'POST'],
  ['/sites/:site/realtime', 'GET'],
  ['/sites/:site/realtime/frames', 'GET'],
  ['/sites/:site/realtime/sse', 'GET'],
  ['/sites/:site/realtime/ws', 'GET'],
  ['/sites/:site/metrics', 'GET'],
  ['/sites/:site/limits', 'GET'],
  ['/health', 'GET'],
  ['/tidemark.js', 'GET'],
]

/** A server around this app may answer every handshake itself, and without a body: no cache may keep that for others. */
const noStoreOnUpgrade: MiddlewareHandler = async (c, next) => {
  await next()
  if (isHandshake(c)) c.res.headers.set('Cache-Control', 'no-store')
}

function isHandshake({ req }: Context): boolean {
  const tokens = (req.header('Connection') ?? '').toLowerCase().split(/\s*,\s*/)
  return req.header('Upgrade')?.toLowerCase() === 'websocket' && tokens.includes('upgrade')
}

/** What ends the connection under an answer at once, where `@hono/node-server` runs the app. */
function terminatorOf({ env }: Context): (() => void) | undefined {
  const outgoing: unknown = isObject(env) ? env['outgoing'] : undefined
  return outgoing instanceof Writable ? () => outgoing.destroy() : undefined
}
