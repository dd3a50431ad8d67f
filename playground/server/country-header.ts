/** Header with the visitor's country. A CDN usually sets it; the simulated shoppers send it themselves. */
export const countryHeader = 'Demo-Country'
