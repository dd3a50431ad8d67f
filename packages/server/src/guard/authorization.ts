import type { ErrorCode } from '@tidemark/protocol'
import { type RequestedFigures, refusalOf } from './figures.ts'
import { type ReadAccess, fullAccess } from './read-scope.ts'

/** Permission that a request needs: to send events (`write`) or to read figures (`read`). */
export type Scope = 'write' | 'read'

/** Why a request is refused. */
export interface Refusal {
  readonly code: ErrorCode
  /** @default the remedy in the protocol's catalog */
  readonly detail?: string
}

/**
 * Returns the figures that a request asks for, or why it is refused. A request without channels asks for those that
 * `access` allows. `undefined` figures belong to routes without any.
 */
export type SelectFigures = (
  access: ReadAccess,
) => { readonly figures: RequestedFigures | undefined } | Refusal

/**
 * Caches that may store an answer: every cache, every cache for requests without a token, or only that of the client.
 */
export type Caching = 'public' | 'public-without-token' | 'private'

/** The right of a client to use a site, for as long as its connection lasts. */
export interface Authorization {
  /** When it ends, in milliseconds since 1970; `undefined` for never. */
  readonly expiresAt: number | undefined
  /** The figures that the client may read. */
  readonly access: ReadAccess
  /** The figures that the request asks for, all of them allowed. */
  readonly figures: RequestedFigures | undefined
  readonly caching: Caching
  /** Returns whether the access rules are still those that granted it. */
  isCurrent(): boolean
  /**
   * Authorizes the client again with a fresh token, for the same site, scope and figures. A refusal leaves this
   * authorization valid. Never rejects.
   */
  renew(token: string): Promise<Authorization | Refusal>
  /** Authorizes the client again by the current access rules, for the same site, scope and figures. Never rejects. */
  recheck(): Promise<Authorization | Refusal>
  /** Authorizes the client for other figures. A refusal leaves this authorization valid. Never rejects. */
  select(select: SelectFigures): Authorization | Refusal | Promise<Authorization | Refusal>
}

/** Returns the figures of a request, all of them allowed, or why they are refused. */
export function selectAllowed(
  select: SelectFigures,
  access: ReadAccess,
): ReturnType<SelectFigures> {
  const selected = select(access)
  if ('code' in selected || !selected.figures) return selected
  const detail = refusalOf(access, selected.figures)
  return detail === undefined ? selected : { code: 'selection_forbidden', detail }
}

/** Authorization that no change of the access rules ends. Any token renews it. */
export const openAuthorization: Authorization = {
  expiresAt: undefined,
  access: fullAccess,
  figures: undefined,
  caching: 'public',
  isCurrent: () => true,
  renew: () => Promise.resolve(openAuthorization),
  recheck: () => Promise.resolve(openAuthorization),
  select(select) {
    const selected = selectAllowed(select, fullAccess)
    return 'code' in selected ? selected : { ...openAuthorization, figures: selected.figures }
  },
}
