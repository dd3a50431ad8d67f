import type { MiddlewareHandler } from 'hono'

/** Keeps browsers from guessing another type than that of the answer, and from running it as a script. */
export const noSniffHeaders = { 'X-Content-Type-Options': 'nosniff' } as const

/** Adds `noSniffHeaders` to every answer. */
export const noSniff: MiddlewareHandler = async (c, next) => {
  await next()
  // Reading the headers of a `Response` for the first time is costly; see `createOpenAnswer`.
  if (c.get(hasAllHeaders)) return
  for (const [name, value] of Object.entries(noSniffHeaders)) c.res.headers.set(name, value)
}

/** Name of the variable that tells middleware that an answer has its headers already. */
export const hasAllHeaders = 'has-all-headers'
