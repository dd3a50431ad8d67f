import type { Context, MiddlewareHandler } from 'hono'
import { basePath } from 'hono/route'
import { problem } from '../http/problem.ts'
import { isUpgrade } from '../http/upgrade.ts'
import { selectEncoding } from '../script/accept-encoding.ts'
import { type Scripts, type ServedScript, isVersioned } from '../script/scripts.ts'
import { trackerBuildCommand } from '../shared/tracker-build-command.ts'

/** Paths of the tracker's files. */
export const scriptPath: RegExp = /\/(tidemark\.[\w.-]*js(?:\.map)?)$/

/** Names of the tracker, also with a version. Its extra file is not one. */
const trackerName = /(?<!\.extra)\.js$/

/**
 * Creates `GET /tidemark.js` and the other files of the tracker, for pages of every origin. It is a middleware, because
 * a route with a pattern beside other paths makes Hono use a slower router for all requests.
 */
export function createScriptRoute(scripts: Pick<Scripts, 'find'>): MiddlewareHandler {
  return (c, next) => {
    if (!c.req.path.includes('/tidemark.')) return next()
    const [path, name] = scriptPath.exec(c.req.path) ?? []
    const base = basePath(c).replace(/\/$/, '')
    if (path === undefined || name === undefined || c.req.path !== base + path) return next()
    return answer(c, name, scripts)
  }
}

async function answer(c: Context, name: string, scripts: Pick<Scripts, 'find'>): Promise<Response> {
  const { method } = c.req
  if (method !== 'GET' && method !== 'HEAD') {
    return problem('method_not_allowed', { headers: { Allow: 'GET' } })
  }
  const found = await scripts.find(name)
  return found ? answerFile(c, name, found) : problem('not_found', { detail: explainMissing(name) })
}

async function answerFile(
  c: Context,
  name: string,
  { file, isImmutable }: ServedScript,
): Promise<Response> {
  const { req } = c
  const encoding = selectEncoding(req.header('Accept-Encoding'))
  const { bytes, etag } = await file.encoded(encoding)
  const headers = {
    ETag: etag,
    Vary: 'Accept-Encoding',
    'Cache-Control': cacheControlOf(isImmutable, isUpgrade(c)),
    'Access-Control-Allow-Origin': '*',
    'Cross-Origin-Resource-Policy': 'cross-origin',
    'X-Content-Type-Options': 'nosniff',
  }
  if (req.header('If-None-Match')?.includes(etag)) {
    return new Response(null, { status: 304, headers })
  }
  return new Response(bytes, {
    headers: {
      ...headers,
      'Content-Type': file.contentType,
      'Content-Length': String(bytes.length),
      // A comment in the file would be larger.
      ...(trackerName.test(name) && { SourceMap: 'tidemark.js.map' }),
      ...(encoding !== 'identity' && { 'Content-Encoding': encoding }),
    },
  })
}

/** A server around this app may answer every handshake itself, so no cache may store an answer to an upgrade. */
function cacheControlOf(isImmutable: boolean, isUpgradeRequest: boolean): string {
  if (isUpgradeRequest) return 'no-store'
  return isImmutable ? 'public, max-age=31536000, immutable' : 'public, max-age=300'
}

function explainMissing(name: string): string {
  if (isVersioned(name)) {
    return `This server has no version ${name} of the tracker. Put the tag of \`tidemark tag\`, or /tidemark.js, into the page.`
  }
  return name === 'tidemark.js'
    ? `The tracker has not been built. Build it with \`${trackerBuildCommand}\`.`
    : `The tracker has been built without ${name}.`
}
