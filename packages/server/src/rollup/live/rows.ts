import type { WindowMinutes } from '@tidemark/protocol'
import type { RankedName } from './ranking.ts'

type Rest = { rest?: true }

/** Rows that are made again only when the ranking below them has changed. */
export function memo<Row extends object>(
  read: () => readonly RankedName[],
  toRow: (ranked: RankedName) => Row,
): () => (Row & Rest)[] {
  let from: readonly RankedName[] | undefined
  let rows: (Row & Rest)[] = []
  return () => {
    const ranked = read()
    if (ranked !== from)
      rows = ranked.map(each => ({ ...toRow(each), ...(each.rest && { rest: true }) }))
    from = ranked
    return rows
  }
}

/** The same, for each window. */
export function memoByWindow<Row extends object>(
  read: (minutes: WindowMinutes) => readonly RankedName[],
  toRow: (ranked: RankedName) => Row,
): (minutes: WindowMinutes) => (Row & Rest)[] {
  const windows = new Map<WindowMinutes, () => (Row & Rest)[]>()
  return minutes => {
    const known = windows.get(minutes) ?? memo(() => read(minutes), toRow)
    windows.set(minutes, known)
    return known()
  }
}
