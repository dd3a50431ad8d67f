/** Returns the host of a URL as it is counted: without `www.` and a final dot. */
export function toHost({ hostname }: Pick<URL, 'hostname'>): string {
  return hostname.replace(/^www\./, '').replace(/\.$/, '')
}
