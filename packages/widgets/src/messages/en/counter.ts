export const counterTexts = {
  title: 'Current visitors',
  visitors: { one: '{count} visitor', other: '{count} visitors' },
  announcement: '{title}: {value}',
} as const
