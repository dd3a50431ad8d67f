/** Returns a relative, http or https URL; `undefined` for any other text, such as `javascript:alert(1)`. */
export function safeUrl(url: string | null | undefined): string | undefined {
  if (!url || !URL.canParse(url, 'https://page.example')) return undefined
  const { protocol } = new URL(url, 'https://page.example')
  return protocol === 'http:' || protocol === 'https:' ? url : undefined
}
