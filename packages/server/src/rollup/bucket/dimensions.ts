/** What the events of a bucket are counted by. */
export const dimensions = [
  'path',
  'referrer',
  'country',
  'device',
  'browser',
  'os',
  'campaign',
  'name',
  'goal',
] as const
export type Dimension = (typeof dimensions)[number]

/** A bucket is kept in parts, so that a question about one of them reads no other. */
export type PartName = 'totals' | Dimension | 'values'
export const partNames: readonly PartName[] = ['totals', ...dimensions, 'values']
