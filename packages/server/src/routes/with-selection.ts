import { channelNames, windowMinutes } from '@tidemark/protocol'
import type { MiddlewareHandler } from 'hono'
import { problem } from '../http/problem.ts'
import { readSelection } from '../live/selection.ts'
import type { RouteEnv } from './context.ts'

/** Reads the selection from the query string, and refuses an invalid one. */
export const withSelection: MiddlewareHandler<RouteEnv> = (c, next) => {
  const query = new URL(c.req.url).searchParams
  const names = query.getAll('channels').flatMap(list => list.split(','))
  const result = readSelection(channelNames, {
    channels: query.has('channels') ? names : undefined,
    minutes: toWindowMinutes(query.get('minutes')),
    paths: query.getAll('path'),
  })
  if ('detail' in result) return Promise.resolve(problem('selection_invalid', result))
  c.set('selection', result.selection)
  return next()
}

/** Accepts a number only as this program writes it, so that each selection has one URL in caches. */
function toWindowMinutes(text: string | null): number | undefined {
  if (text === null) return undefined
  return windowMinutes.find(minutes => String(minutes) === text) ?? NaN
}
