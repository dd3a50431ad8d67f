export const nameTexts = {
  direct: 'Direct',
  unknown: 'Unknown',
  desktop: 'Desktop',
  mobile: 'Mobile',
  tablet: 'Tablet',
  tv: 'TV',
  bot: 'Bot',
  otherDevice: 'Other device',
} as const
