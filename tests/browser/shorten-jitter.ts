/**
 * Runs in a page, before its scripts. Divides random waits by four: a client that pauses before it tries a transport
 * again adds up to 30 seconds, so that clients do not return together. One client in a test has no others.
 */
export function shortenJitter(): void {
  const random = Math.random.bind(Math)
  Math.random = () => random() / 4
}
