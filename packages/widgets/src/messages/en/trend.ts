/** Directions of a change, for screen readers. */
export const trendTexts = {
  up: 'up {change}',
  down: 'down {change}',
  stable: 'no change',
  upOnly: 'up',
  downOnly: 'down',
} as const
