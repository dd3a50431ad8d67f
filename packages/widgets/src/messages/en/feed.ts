export const feedTexts = {
  title: 'Live activity',
  empty: 'No activity yet. Page views and events appear here as they happen.',
  emptyFiltered: 'No such activity yet.',
  unnamed: '(unnamed)',
  pageview: 'Page view',
  event: 'Event',
  outbound: 'Outbound link',
  download: 'Download',
  goal: 'Goal',
  /** Label of the filter, and its first choice. */
  filter: 'Type of activity',
  all: 'All activity',
  /** Entries that are held back while the reader is busy with the list. */
  newEntries: { one: '{count} new', other: '{count} new' },
  manyNewEntries: '{count}+ new',
  /** Button that opens the full texts and the exact time of an entry. */
  details: 'Details',
} as const
