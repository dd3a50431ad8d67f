import { problem } from '../http/problem.ts'
import type { RouteHandler } from './context.ts'

/** Returns why the server cannot accept events, as a sentence; `undefined` when it can. */
export type NotReadyReason = () => string | undefined

/** Creates `GET /ready`: 200 when the server can accept events, 503 with the reason otherwise. */
export function createReadyRoute(reasonOf: NotReadyReason): RouteHandler {
  return () => {
    const detail = reasonOf()
    if (detail !== undefined) return problem('not_ready', { detail })
    return Response.json({ status: 'ready' }, { headers: { 'Cache-Control': 'no-store' } })
  }
}
