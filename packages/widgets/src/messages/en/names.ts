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
  /** Channels; `Direct` is above. */
  search: 'Search',
  social: 'Social',
  ai: 'AI',
  email: 'Email',
  paid: 'Paid',
  referral: 'Referral',
  /** Hosts that the site does not list. */
  otherHost: 'Other host',
  automatedBrowser: 'Automated browser',
  /** Browser or system without a version. */
  unknownVersion: '{name}, unknown version',
  /** Width of a screen in CSS pixels. */
  screenWidth: '{range} px',
} as const
