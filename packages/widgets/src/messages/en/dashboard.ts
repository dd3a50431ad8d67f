/** `TidemarkDashboard`. */
export const dashboardTexts = {
  title: 'Dashboard of {site}',
  view: 'View',
  live: 'Live',
  history: 'History',
  metric: 'Number in the chart',
  pages: 'Pages',
  sources: 'Sources',
  places: 'Places',
  technology: 'Technology',
  actions: 'Actions',
  map: 'Map',
  /** Heading of the chart while it shows one row. */
  rowTitle: '{metric}: {row}',
  clearRow: 'Show all',
  bots: 'Bots',
  /** Menu of the further lists of a card. */
  more: 'More',
  /** Leaves the pages of one referrer. */
  back: 'Back',
  /** Opens the pages of one referrer. */
  pagesOf: 'Pages of {row}',
} as const
