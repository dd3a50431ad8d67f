/** Dimensions by which a bucket counts its events. */
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

/** Parts in which a bucket is stored. A query for one part reads no other. */
export type PartName = 'totals' | Dimension | 'values'
export const partNames: readonly PartName[] = ['totals', ...dimensions, 'values']
