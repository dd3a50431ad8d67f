/** Outlines of a sparkline, as SVG paths in a box of 100 by 100. */
export interface SparklinePaths {
  /** The line; a point without neighbors is a line without length, which round caps make visible. */
  readonly line: string
  /** The area between the line and zero. */
  readonly area: string
}

/** More values than a small picture can show; the last ones stay. */
const maxValues = 600

/** Returns the paths of values; gaps interrupt them. The scale contains zero. */
export function sparklinePaths(values: readonly (number | undefined)[]): SparklinePaths {
  const shown = values.slice(-maxValues).map(value => (Number.isFinite(value) ? value : undefined))
  const known = shown.filter(value => value !== undefined)
  const max = Math.max(0, ...known)
  const min = Math.min(0, ...known)
  const xOf = (index: number): number => round((100 * index) / Math.max(1, shown.length - 1))
  const yOf = (value: number): number => round(100 - (100 * (value - min)) / (max - min || 1))
  const zero = yOf(0)
  const lines: string[] = []
  const areas: string[] = []
  for (const { first, values: run } of runsOf(shown)) {
    const points = run.map((value, place) => `${xOf(first + place)} ${yOf(value)}`)
    const last = xOf(first + run.length - 1)
    lines.push(`M${points.join('L')}${points.length === 1 ? 'h0' : ''}`)
    if (points.length > 1) areas.push(`M${points.join('L')}L${last} ${zero}L${xOf(first)} ${zero}Z`)
  }
  return { line: lines.join(''), area: areas.join('') }
}

/** Splits values at the gaps. */
function runsOf(values: readonly (number | undefined)[]): { first: number; values: number[] }[] {
  const runs: { first: number; values: number[] }[] = []
  let run: { first: number; values: number[] } | undefined
  for (const [index, value] of values.entries()) {
    if (value === undefined) {
      run = undefined
      continue
    }
    if (!run) {
      run = { first: index, values: [] }
      runs.push(run)
    }
    run.values.push(value)
  }
  return runs
}

function round(value: number): number {
  return Math.round(value * 100) / 100
}
