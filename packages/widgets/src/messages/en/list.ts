export const listTexts = {
  activePages: 'Active pages',
  referrers: 'Referrers',
  countries: 'Countries',
  devices: 'Devices',
  emptyLive: 'No visitors right now.',
  empty: 'No data yet.',
  other: 'Other',
  none: '(none)',
} as const
