/*
 * Keys of stored bytes, for their checksums.
 */

export function partKey(site: string, tier: string, part: string, start: number): string {
  return JSON.stringify(['part', site, tier, part, start])
}

export function segmentKey(site: string, table: string, id: number): string {
  return JSON.stringify(['segment', site, table, id])
}

export function stateKey(site: string, offset: number): string {
  return JSON.stringify(['state', site, offset])
}

/** @param last offset of the last record */
export function blockKey(last: number, count: number): string {
  return JSON.stringify(['block', last, count])
}
