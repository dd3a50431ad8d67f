/** `RealtimeCounter`. */
export const counterTexts = {
  title: 'Current visitors',
  titleOfPage: 'On this page',
  visitors: { one: '{count} visitor', other: '{count} visitors' },
  peopleOnPage: { one: '{count} person on this page', other: '{count} people on this page' },
  announcement: '{title}: {value}',
  comparison: '{latest} in the last 5 minutes, {earlier} an hour earlier',
  sparkline: 'Visitors per minute in the last hour',
} as const
