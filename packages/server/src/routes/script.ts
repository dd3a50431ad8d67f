import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { problem } from '../http/problem.ts'

interface TrackerFile {
  text: string
  etag: string
}

/** `GET /tidemark.js`: the tracker for script tags, as `@tidemark/sdk` builds it. */
export function createScriptRoute(
  load: () => Promise<string> = loadTracker,
): (request: Request) => Promise<Response> {
  let file: Promise<TrackerFile> | undefined

  return async request => {
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
      const isKnown = request.headers.get('If-None-Match')?.includes(etag) ?? false
      return new Response(isKnown ? null : text, { status: isKnown ? 304 : 200, headers })
    } catch {
      file = undefined
      return problem('not_found', {
        detail: 'The tracker has not been built. Build it with `pnpm build`.',
      })
    }
  }
}

function loadTracker(): Promise<string> {
  return readFile(new URL(import.meta.resolve('@tidemark/sdk/tidemark.js')), 'utf8')
}

function toFile(text: string): TrackerFile {
  const hash = createHash('sha256').update(text).digest('base64url').slice(0, 22)
  return { text, etag: `"${hash}"` }
}
