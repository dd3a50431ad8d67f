import type { IntakeWarning } from '../sites/intake-warnings.ts'
import type { RouteHandler } from './context.ts'

/** The body of `GET warnings`. */
export interface WarningsAnswer {
  /** One for each kind that occurred since the server started, the newest first. */
  warnings: readonly IntakeWarning[]
}

/** `GET warnings`: requests and events of a site that were refused or changed, in words. */
export const answerWarnings: RouteHandler = c => {
  const answer: WarningsAnswer = { warnings: c.get('site').warnings.list() }
  return Response.json(answer, { headers: { 'Cache-Control': 'no-store' } })
}
