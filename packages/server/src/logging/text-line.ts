/** Fields with a place of their own in a line. */
const placed: ReadonlySet<string> = new Set(['level', 'time', 'msg'])

/**
 * Formats a JSON line of the log as one readable line, such as
 * `08:01:30 WARN  The system clock jumped back by 3 hours. kind=clock_jump`.
 */
export function formatTextLine(json: string): string {
  const fields = JSON.parse(json) as Record<string, unknown>
  const time = String(fields['time']).slice(11, 19)
  const level = String(fields['level']).toUpperCase().padEnd(5)
  const others = Object.entries(fields)
    .filter(([name]) => !placed.has(name))
    .map(([name, value]) => `${name}=${formatValue(value)}`)
  const line = [`${time} ${level} ${String(fields['msg'])}`, ...others].join(' ')
  return `${toOneLine(line)}\n`
}

function formatValue(value: unknown): string {
  return typeof value === 'string' && /^[\w.:/-]+$/.test(value) ? value : JSON.stringify(value)
}

/** Replaces line breaks and control characters, so that no text can control the terminal. */
function toOneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')
}
