const counts = new Intl.NumberFormat('en')

/** Formats a count: `12500` → `"12,500"`. */
export function formatCount(count: number): string {
  return counts.format(count)
}

/** Formats an age like the widgets: `"now"`, `"12s ago"`, `"3m ago"`, `"2h ago"`. */
export function formatAge(ageMs: number): string {
  const seconds = Math.floor(ageMs / 1000)
  if (seconds < 1) return 'now'
  if (seconds < 60) return `${seconds}s ago`
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m ago`
  return `${Math.floor(seconds / 3600)}h ago`
}

/** Formats a count with its noun: `(1, 'poll')` → `"1 poll"`, `(2, 'poll')` → `"2 polls"`. */
export function formatMany(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`
}
