import type { PartName } from '../rollup/bucket/dimensions.ts'
import { type Tier, endOfSpan, tiers } from '../rollup/history/tier.ts'
import type { History } from './metrics-answer.ts'
import { type MetricsQuery, partOf } from './metrics-query.ts'

interface Range {
  from: number
  to: number
}

/** Returns the damaged parts of a query's ranges, in order and without overlaps. */
export function missingRanges(
  { damagedIn, zone }: Pick<History, 'damagedIn' | 'zone'>,
  { from, to, by, previous }: Pick<MetricsQuery, 'from' | 'to' | 'by' | 'previous'>,
): Range[] {
  const parts: PartName[] = ['totals', ...(by ? [partOf(by)] : [])]
  const first = previous?.from ?? from
  const ranges = parts.flatMap(part =>
    damagedIn(part)
      .filter(({ start }) => start < to)
      .map(({ tier, start, end }) => {
        const last = Math.min(end, to) - 1
        return {
          from: Math.max(start, first),
          to: Math.min(to, endOfSpan(toTier(tier), last, zone)),
        }
      })
      .filter(range => range.from < range.to),
  )
  return unite(ranges)
}

function toTier(name: string): Tier {
  return tiers.find(tier => tier === name) ?? 'day'
}

function unite(ranges: readonly Range[]): Range[] {
  const united: Range[] = []
  for (const range of ranges.toSorted((a, b) => a.from - b.from)) {
    const last = united.at(-1)
    if (last && range.from <= last.to) last.to = Math.max(last.to, range.to)
    else united.push({ ...range })
  }
  return united
}
