/*
 * Keys of stored bytes, for their checksums.
 */

export function partKey(site: string, tier: string, part: string, start: number): string {
  return JSON.stringify(['part', site, tier, part, start])
}

export function segmentKey(site: string, table: string, id: number): string {
  return JSON.stringify(['segment', site, table, id])
}

/** The columns of a site besides its state. */
export interface SiteRow {
  readonly site: string
  readonly id: number
  readonly offset: number
  /** Number of segments. */
  readonly segments: number
}

export function stateKey({ site, id, offset, segments }: SiteRow): string {
  return JSON.stringify(['state', site, id, offset, segments])
}

/** @param last offset of the last record */
export function blockKey(last: number, count: number): string {
  return JSON.stringify(['block', last, count])
}
