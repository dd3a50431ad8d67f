export const mapTexts = {
  title: 'Visitors by country',
  visitors: { one: '{count} visitor', other: '{count} visitors' },
  noVisitors: 'No visitors',
  emptyLive: 'No visitors right now.',
  empty: 'No data yet.',
  /** Visitors without a place on the map. */
  unknown: {
    one: '{count} visitor from an unknown country',
    other: '{count} visitors from an unknown country',
  },
  /** One country and its visitors. */
  point: '{country}: {visitors}',
  summary: '{title}. {countries}. Most: {first}.',
  countries: { one: '{count} country', other: '{count} countries' },
  /** Name of the control that moves through the countries. */
  points: 'Countries of the map: {title}',
  keys: 'Move with the arrow keys, from the most visitors to the fewest.',
  legend: 'Visitors by shade',
  showTable: 'Show as table',
  showMap: 'Show as map',
  country: 'Country',
  visitorsHeading: 'Visitors',
  share: 'Share',
  failed: 'The map could not be loaded.',
  retry: 'Try again',
} as const
