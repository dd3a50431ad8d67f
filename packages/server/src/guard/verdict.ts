import { inspect } from 'node:util'
import { isObject } from '@tidemark/protocol'
import type { Clock } from '../shared/clock.ts'
import { memoizeLast } from '../shared/memoize-last.ts'
import { ServerWarning } from '../shared/server-warning.ts'
import { wallTimeOf } from '../shared/wall-time.ts'
import type { Refusal, Scope } from './authorization.ts'
import type { RequestedFigures } from './figures.ts'
import { type ReadAccess, type ReadScope, fullAccess, toReadAccess } from './read-scope.ts'

/**
 * Decides whether a request may use a site. A token is in `Authorization`, also when a WebSocket sent it as a
 * subprotocol. `figures` are those that the request reads; `undefined` for requests without any, which are `limits`,
 * events, and the handshake of a WebSocket. Each subscription of a WebSocket is decided again, with its figures.
 */
export type Authorize = (
  request: Request,
  site: string,
  scope: Scope,
  figures: RequestedFigures | undefined,
) => Verdict | Promise<Verdict>

/**
 * Allowed or refused; or allowed within a scope, or until a time in milliseconds since 1970. An object has at least one
 * field.
 */
export type Verdict = boolean | (ReadScope & { readonly expiresAt?: number })

/** A verdict in favor of a request. */
export interface Approval {
  readonly access: ReadAccess
  /** In milliseconds since 1970; `Infinity` for never. */
  readonly expiresAt: number
}

const defaultTimeoutMs = 10_000

/** The rules of a server that concern `authorize`. */
export interface VerdictRules {
  authorize: Authorize
  /** Longest time for `authorize`, in milliseconds. @default 10 seconds */
  timeoutMs?: number | undefined
  clock: Clock
}

/** Asks `authorize`. Rejects with the errors of `authorize`, and with a `TypeError` for an invalid verdict. */
export type AskAuthorize = (
  rules: VerdictRules,
  ...request: Parameters<Authorize>
) => Promise<Approval | Refusal>

/** @param onError receives a warning for each timeout */
export function createAskAuthorize(onError: (error: unknown) => void): AskAuthorize {
  const timeoutWarningOf = memoizeLast(
    (timeoutMs: number) =>
      new ServerWarning(
        `access.authorize did not answer within ${timeoutMs} ms, so the request is refused with 503.`,
        'authorize_timeout',
        { timeoutMs },
      ),
  )

  /** Resolves with a verdict, or with the code of the refusal when it takes too long. */
  async function within(
    verdict: Verdict | Promise<Verdict>,
    { clock, timeoutMs = defaultTimeoutMs }: VerdictRules,
  ): Promise<Verdict | 'authorize_timeout'> {
    if (!isObject(verdict) || !('then' in verdict)) return verdict
    let cancel = (): void => {}
    const timeout = new Promise<'authorize_timeout'>(resolve => {
      cancel = clock.after(timeoutMs, () => {
        onError(timeoutWarningOf(timeoutMs))
        resolve('authorize_timeout')
      })
    })
    try {
      return await Promise.race([Promise.resolve(verdict), timeout])
    } finally {
      cancel()
    }
  }

  return async (rules, ...request) => {
    const verdict = await within(rules.authorize(...request), rules)
    if (verdict === 'authorize_timeout') return { code: verdict }
    return parseVerdict(verdict, wallTimeOf(rules.clock))
  }
}

/** @throws {TypeError} for an invalid verdict */
function parseVerdict(verdict: Verdict, now: number): Approval | Refusal {
  if (!verdict) return { code: 'refused' }
  if (verdict === true) return { access: fullAccess, expiresAt: Infinity }
  // A caller in JavaScript may return anything.
  const { expiresAt, channels, paths } = Object(verdict) as Exclude<Verdict, boolean>
  const isEmpty = expiresAt === undefined && channels === undefined && paths === undefined
  const isTime = expiresAt === undefined || typeof expiresAt === 'number'
  if (isEmpty || !isTime || Number.isNaN(expiresAt)) {
    throw new TypeError(
      `access.authorize: ${inspect(verdict)} has neither channels nor paths, and no expiresAt in milliseconds since ` +
        '1970. Return `true` to authorize without an expiry.',
    )
  }
  if (expiresAt !== undefined && expiresAt <= now) return { code: 'token_expired' }
  const access = toReadAccess(
    { ...(channels !== undefined && { channels }), ...(paths !== undefined && { paths }) },
    'access.authorize',
  )
  return { access, expiresAt: expiresAt ?? Infinity }
}
