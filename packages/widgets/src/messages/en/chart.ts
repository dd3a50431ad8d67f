export const chartTexts = {
  pageViews: 'Page views',
  events: 'Events',
  visitors: 'Visitors',
  sessions: 'Sessions',
  bounces: 'Bounces',
  bounceRate: 'Bounce rate',
  botEvents: 'Events of bots',
  value: 'Value',
  /** Series of the earlier range. */
  previous: 'Previous period',
  empty: 'No data yet.',
  noData: 'no data',
  /** Last label of a live axis. */
  now: 'now',
  /** Note on a bucket that has not ended. */
  running: 'so far',
  /** Note on a bucket that began before the range. */
  start: 'begins before the range',
  showTable: 'Show as table',
  showChart: 'Show as chart',
  reset: 'Reset range',
  time: 'Time',
  /** Name of the control that moves through the points of a chart. */
  points: 'Points of the chart: {title}',
  keys: 'Move with the arrow keys.',
  selectKeys: 'Move with the arrow keys. Hold Shift to select a range, Escape to cancel.',
  /** Follows `keys` or `selectKeys` in a chart with clickable points. */
  pickKeys: 'Enter opens the point.',
  selected: '{from} to {to} selected',
  /** One value in a list of values, and the list after the name of its point. */
  seriesValue: '{label}: {value}',
  point: '{name}: {values}',
  note: '{text} ({note})',
  /** Mark at the largest value. */
  peak: 'Peak: {value} ({name})',
  summary: '{title}, {from} to {to}. Highest: {max}, {maxName}. Latest: {last}.',
  summaryEmpty: '{title}: no data.',
} as const
