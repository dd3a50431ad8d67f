/** Formats a time as `2015-05-17T10:05:03Z`, the form that history queries accept. */
export function formatTime(time: number): string {
  return new Date(time).toISOString().replace('.000Z', 'Z')
}

export function formatCount(count: number): string {
  return count.toLocaleString('en-US')
}

/** Replaces line breaks and control characters, so that external text cannot control the terminal. */
export function toPrintable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')
}
