export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? NaN
}

/** Formats a table for a terminal with right-aligned columns. */
export function table(title: string, head: readonly string[], rows: readonly string[][]): string {
  const widths = head.map((name, column) =>
    Math.max(name.length, ...rows.map(row => row[column]?.length ?? 0)),
  )
  const line = (cells: readonly string[]): string =>
    cells.map((cell, column) => cell.padStart(widths[column] ?? 0)).join('   ')
  return ['', title, '', line(head), ...rows.map(line), ''].join('\n')
}

/** Formats a quantile of a list, for example 0.99, with a number of decimals. */
export function quantile(values: readonly number[], q: number, decimals = 0): string {
  const sorted = Float64Array.from(values).toSorted()
  return (sorted[Math.floor(sorted.length * q)] ?? NaN).toFixed(decimals)
}
