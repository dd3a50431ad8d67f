export const feedTexts = {
  title: 'Live activity',
  empty: 'No activity yet. Page views and events appear here as they happen.',
  unnamed: '(unnamed)',
  pageview: 'Page view',
  event: 'Event',
  outbound: 'Outbound link',
  download: 'Download',
  goal: 'Goal',
} as const
