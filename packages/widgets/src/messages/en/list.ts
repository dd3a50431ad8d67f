export const listTexts = {
  activePages: 'Active pages',
  emptyLive: 'No visitors right now.',
  emptyEvents: 'No events right now.',
  emptyGoals: 'No goals reached right now.',
  empty: 'No data yet.',
  emptyRange: 'No data in this time range.',
  other: 'Other',
  none: '(none)',
  /** Events with the name `page_view`. */
  pageViewEvents: 'Page views',
  /** A number with its unit, for screen readers. `{number}` is always present; `count` selects the plural. */
  visitors: { one: '{number} visitor', other: '{number} visitors' },
  pageViews: { one: '{number} page view', other: '{number} page views' },
  eventCount: { one: '{number} event', other: '{number} events' },
  sessionCount: { one: '{number} visit', other: '{number} visits' },
  completions: { one: 'reached {number} time', other: 'reached {number} times' },
  conversionRate: '{number} of all visitors',
  /** Headings of columns. */
  nameColumn: 'Name',
  visitorsColumn: 'Visitors',
  pageViewsColumn: 'Page views',
  eventsColumn: 'Events',
  completionsColumn: 'Reached',
  numberColumn: 'Number',
  conversionColumn: 'Rate',
  shareColumn: 'Share',
  sessionsColumn: 'Visits',
  /** Note on a short range: some dimensions are counted by hours. */
  wholeHours: 'Counted by whole hours: {span}',
  sort: 'Sort by',
  showAll: 'Show all',
  showLess: 'Show less',
} as const
