export const nameTexts = {
  direct: 'Direct',
  unknown: 'Unknown',
  desktop: 'Desktop',
  mobile: 'Mobile',
  tablet: 'Tablet',
  tv: 'TV',
  console: 'Game console',
  headset: 'VR headset',
  car: 'Car',
  bot: 'Bot',
  otherDevice: 'Other device',
} as const
