/** `2015-05-17T10:05:03Z`, as a query takes it. */
export function formatTime(time: number): string {
  return new Date(time).toISOString().replace('.000Z', 'Z')
}

export function formatCount(count: number): string {
  return count.toLocaleString('en-US')
}

/** One line for a terminal, whatever the text: names come from outside and may hold control characters. */
export function toPrintable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')
}
