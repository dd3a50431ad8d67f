/** Encodings of the tracker's files, in the order in which the server prefers them. */
const encodings = ['br', 'gzip', 'identity'] as const

export type ContentEncoding = (typeof encodings)[number]

/**
 * Selects the encoding of an answer by `Accept-Encoding` (RFC 9110, section 12.5.3): the one with the highest weight, of
 * equal ones the smallest. Without the header, and if the client accepts none of them, it is `identity`.
 */
export function selectEncoding(header: string | undefined): ContentEncoding {
  const weights = parseWeights(header ?? '')
  const any = weights.get('*') ?? 0
  let selected: ContentEncoding = 'identity'
  let highest = 0
  for (const encoding of encodings) {
    const weight = weights.get(encoding) ?? any
    if (weight <= highest) continue
    selected = encoding
    highest = weight
  }
  return selected
}

function parseWeights(header: string): ReadonlyMap<string, number> {
  const weights = new Map<string, number>()
  for (const item of header.toLowerCase().split(',')) {
    const [name = '', ...parameters] = item.split(';').map(part => part.trim())
    const weight = parameters.find(parameter => parameter.startsWith('q='))?.slice(2) ?? '1'
    weights.set(name === 'x-gzip' ? 'gzip' : name, Number(weight) || 0)
  }
  return weights
}
