export const tableTexts = {
  title: 'Activity',
  empty: 'No activity yet.',
  emptyFiltered: 'Nothing matches.',
  search: 'Search',
  time: 'Time',
  type: 'Type',
  name: 'Page or name',
  pageTitle: 'Title',
  country: 'Country',
  device: 'Device',
  /** Rows that are held back while the table is scrolled or paused. */
  newRows: { one: '{count} new', other: '{count} new' },
  manyNewRows: '{count}+ new',
  /** Heading of the full texts of a row. */
  details: 'Details',
} as const
