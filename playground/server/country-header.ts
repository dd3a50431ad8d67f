/** Header in which a CDN would say the visitor's country; here the simulated shoppers say it themselves. */
export const countryHeader = 'Demo-Country'
