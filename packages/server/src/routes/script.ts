import { createHash } from 'node:crypto'
import { problem } from '../http/problem.ts'
import type { RouteHandler } from './context.ts'
import { trackerBuildCommand } from '../shared/tracker-build-command.ts'

interface TrackerFile {
  text: string
  etag: string
}

/**
 * Creates `GET /tidemark.js`: the tracker for script tags.
 * @param load reads the built tracker; called again after a failure
 */
export function createScriptRoute(load: () => Promise<string>): RouteHandler {
  let file: Promise<TrackerFile> | undefined

  return async c => {
    try {
      file ??= load().then(toFile)
      const { text, etag } = await file
      const headers = {
        ETag: etag,
        'Content-Type': 'text/javascript; charset=utf-8',
        'Cache-Control': 'public, max-age=300',
        'Access-Control-Allow-Origin': '*',
        'Cross-Origin-Resource-Policy': 'cross-origin',
      }
      const isKnown = c.req.header('If-None-Match')?.includes(etag) ?? false
      return new Response(isKnown ? null : text, { status: isKnown ? 304 : 200, headers })
    } catch {
      file = undefined
      return problem('not_found', {
        detail: `The tracker has not been built. Build it with \`${trackerBuildCommand}\`.`,
      })
    }
  }
}

function toFile(text: string): TrackerFile {
  const hash = createHash('sha256').update(text).digest('base64url').slice(0, 22)
  return { text, etag: `"${hash}"` }
}
