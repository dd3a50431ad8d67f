import { createHash, timingSafeEqual } from 'node:crypto'
import { type ErrorCode, errors } from '@tidemark/protocol'
import type { Context } from 'hono'
import { type ProblemOptions, problem } from '../http/problem.ts'
import type { Reporter } from '../logging/reporter.ts'
import type { Exporter } from '../prometheus/exporter.ts'
import { explainForeign, isLocal } from './local-client.ts'
import { observeOutside } from './observe-request.ts'

/** Clients that may read the metrics without a token. */
export const metricsReaders = ['loopback', 'anyone', 'nobody'] as const

/** Metrics for Prometheus, at `/metrics` of the server. */
export interface PrometheusOptions {
  /** Clients that need no token: programs on this machine, anyone, or nobody. @default 'loopback' */
  openTo?: (typeof metricsReaders)[number]
  /** Tokens of other clients, of at least 32 bytes, sent as `Authorization: Bearer TOKEN`. @default none */
  tokens?: readonly string[]
  /** Sites with a value of their own of the label `site`; the others share `(other)`. @default 20 */
  maxSites?: number
}

export interface PrometheusRouteOptions {
  exporter: Pick<Exporter, 'contentType' | 'render'>
  options: PrometheusOptions
  reporter: Pick<Reporter, 'refused'>
}

/** Creates `GET /metrics` for the root of a server. */
export function createPrometheusRoute({
  exporter,
  options,
  reporter,
}: PrometheusRouteOptions): (c: Context) => Promise<Response> {
  const { openTo = 'loopback', tokens = [] } = options
  const digests = tokens.map(digest)

  function refusalOf(c: Context): ErrorCode | undefined {
    if (openTo === 'anyone' || (openTo === 'loopback' && isLocal(c))) return undefined
    const [, token] = /^Bearer +(\S+)$/i.exec(c.req.header('Authorization') ?? '') ?? []
    if (token === undefined) return digests.length > 0 ? 'token_missing' : 'metrics_refused'
    const sent = digest(token)
    // All tokens are compared, so that the time does not tell which one is like the sent one.
    const isValid = digests.map(each => timingSafeEqual(each, sent)).includes(true)
    if (isValid) return undefined
    return digests.length > 0 ? 'token_invalid' : 'metrics_refused'
  }

  function optionsOf(c: Context, refusal: ErrorCode): ProblemOptions {
    if (refusal !== 'metrics_refused') return { headers: { 'WWW-Authenticate': 'Bearer' } }
    const cause = openTo === 'loopback' ? explainForeign(c) : undefined
    return cause === undefined ? {} : { detail: `${cause} ${errors[refusal].remedy}` }
  }

  return async c => {
    const refusal = refusalOf(c)
    if (refusal !== undefined) {
      return observeOutside(problem(refusal, optionsOf(c, refusal)), reporter)
    }
    const headers = {
      'Content-Type': exporter.contentType,
      'Cache-Control': 'no-store',
      'X-Content-Type-Options': 'nosniff',
    }
    return observeOutside(new Response(await exporter.render(), { headers }), reporter)
  }
}

const digest = (token: string): Buffer => createHash('sha256').update(token).digest()
