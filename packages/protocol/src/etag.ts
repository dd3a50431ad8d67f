import { type Cursor, formatCursor, parseCursor } from './cursor.ts'

/** The entity tag of a state: its cursor in double quotes (RFC 9110, section 8.8.3). */
export function formatEtag(cursor: Cursor): string {
  return `"${formatCursor(cursor)}"`
}

/**
 * Whether an `If-None-Match` header names this cursor, by the weak comparison that RFC 9110, section
 * 13.1.2 asks for, and forgiving what lies between us and the browser: proxies that compress prefix a
 * tag with `W/`, or append `-gzip`, `--gzip`, `;br` and the like inside the quotes; some drop the quotes.
 * `*` matches any state.
 */
export function matchesEtag(header: string | null | undefined, cursor: Cursor): boolean {
  if (!header) return false
  if (header.trim() === '*') return true
  const wanted = formatCursor(cursor)
  return header.split(',').some(tag => {
    const opaque = /^\s*(?:W\/)?"?(\d+\.\d+)(?:[-;][\w.;-]*)?"?\s*$/i.exec(tag)?.[1]
    return opaque === wanted
  })
}

/** The cursor inside an `ETag` response header, however a proxy has dressed it up. */
export function parseEtag(header: string | null | undefined): Cursor | undefined {
  const opaque = header && /^\s*(?:W\/)?"?(\d+\.\d+)(?:[-;][\w.;-]*)?"?\s*$/i.exec(header)?.[1]
  return opaque ? parseCursor(opaque) : undefined
}
