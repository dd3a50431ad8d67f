/** Keeps browsers from guessing another type than that of the answer, and from running it as a script. */
export const noSniffHeaders = { 'X-Content-Type-Options': 'nosniff' } as const

/** Name of the variable that tells middleware that an answer has its headers already. */
export const hasAllHeaders = 'has-all-headers'
