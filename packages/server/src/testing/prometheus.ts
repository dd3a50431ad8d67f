/** One value of a metric in the text format of Prometheus, version 0.0.4. */
export interface Sample {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

export interface ParsedMetrics {
  /** Types by the name of the metric. */
  readonly types: ReadonlyMap<string, string>
  readonly samples: readonly Sample[]
}

const name = '[a-zA-Z_:][a-zA-Z0-9_:]*'
const label = '[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\\\\n]|\\\\["\\\\n])*"'
const helpLine = new RegExp(`^# HELP (${name}) (?:[^\\\\]|\\\\[\\\\n])*$`)
const typeLine = new RegExp(`^# TYPE (${name}) (counter|gauge|histogram|summary|untyped)$`)
const sampleLine = new RegExp(
  `^(${name})(?:\\{(${label}(?:,${label})*)\\})? ([+-]?Inf|NaN|[-+]?\\d+(?:\\.\\d+)?(?:e[-+]?\\d+)?)$`,
)

/**
 * Parses metrics strictly: each has one HELP and one TYPE line before its samples, all of which follow, and no sample
 * comes twice.
 * @throws {Error} with the first line that breaks a rule
 */
export function parseMetrics(text: string): ParsedMetrics {
  if (!text.endsWith('\n')) throw new Error('The last line has no end.')
  const types = new Map<string, string>()
  const samples: Sample[] = []
  const keys = new Set<string>()
  let help: string | undefined
  let current: string | undefined
  for (const line of text.split('\n')) {
    if (line === '') continue
    const [, helped] = helpLine.exec(line) ?? []
    if (helped !== undefined) {
      if (types.has(helped)) throw new Error(`A second HELP: ${line}`)
      help = helped
      continue
    }
    const [, typed, type] = typeLine.exec(line) ?? []
    if (typed !== undefined && type !== undefined) {
      if (typed !== help || types.has(typed)) throw new Error(`A TYPE without its HELP: ${line}`)
      types.set(typed, type)
      current = typed
      continue
    }
    const sample = parseSample(line)
    const key = JSON.stringify([sample.name, sample.labels])
    if (keys.has(key)) throw new Error(`A sample comes twice: ${line}`)
    keys.add(key)
    if (current === undefined || baseOf(sample.name, types.get(current)) !== current) {
      throw new Error(`A sample without its TYPE: ${line}`)
    }
    samples.push(sample)
  }
  return { types, samples }
}

function parseSample(line: string): Sample {
  const [, named, labels = '', value] = sampleLine.exec(line) ?? []
  if (named === undefined || value === undefined) throw new Error(`No sample: ${line}`)
  const pairs = [...labels.matchAll(/([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g)]
  return {
    name: named,
    labels: Object.fromEntries(pairs.map(([, key = '', text = '']) => [key, text])),
    value: Number(value.replace('Inf', 'Infinity')),
  }
}

/** Returns the metric of a sample: those of a histogram have suffixes. */
function baseOf(sample: string, type: string | undefined): string {
  return type === 'histogram' ? sample.replace(/_(?:bucket|sum|count)$/, '') : sample
}
