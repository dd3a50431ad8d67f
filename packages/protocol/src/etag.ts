import { type Cursor, formatCursor, parseCursor } from './cursor.ts'

/** Formats the ETag of a state: its cursor in double quotes (RFC 9110, section 8.8.3). */
export function formatEtag(cursor: Cursor): string {
  return `"${formatCursor(cursor)}"`
}

/**
 * Returns whether an `If-None-Match` header contains this cursor, by weak comparison (RFC 9110, section 13.1.2).
 * `*` matches any state. Changes made by compressing proxies are ignored: a prefix `W/`, suffixes such as `-gzip`,
 * `--gzip` and `;br` inside the quotes, and missing quotes.
 */
export function matchesEtag(header: string | null | undefined, cursor: Cursor): boolean {
  if (!header) return false
  if (header.trim() === '*') return true
  const text = formatCursor(cursor)
  return header.split(',').some(tag => {
    const opaque = /^\s*(?:W\/)?"?(\d+\.\d+)(?:[-;][\w.;-]*)?"?\s*$/i.exec(tag)?.[1]
    return opaque === text
  })
}

/** Parses the cursor in an `ETag` header, with or without changes made by a compressing proxy. */
export function parseEtag(header: string | null | undefined): Cursor | undefined {
  const opaque = header && /^\s*(?:W\/)?"?(\d+\.\d+)(?:[-;][\w.;-]*)?"?\s*$/i.exec(header)?.[1]
  return opaque ? parseCursor(opaque) : undefined
}
