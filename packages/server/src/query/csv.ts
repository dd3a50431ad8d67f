/*
 * CSV as in RFC 4180: a header line, CRLF, and quotes around cells that need them.
 */

/** A spreadsheet evaluates a text that begins so (OWASP, "CSV Injection"). */
const formula = /^[=+\-@\t\r]/
/** A spreadsheet reads such a text as a number, and does not evaluate it. */
const negativeNumber = /^-\d+(?:\.\d+)?$/
const needsQuotes = /[",\r\n]/

/** Formats a line. Columns that a row does not have are empty. */
export function formatCsvLine(columns: readonly string[], row: Record<string, unknown>): string {
  return `${columns.map(column => toCell(row[column])).join(',')}\r\n`
}

export function formatCsvHeader(columns: readonly string[]): string {
  return `${columns.map(toCell).join(',')}\r\n`
}

/**
 * Converts a text, a number or a boolean. Numbers stay plain, also negative ones that are texts, such as the value of a
 * property. A text that a spreadsheet would evaluate gets an apostrophe in front.
 */
function toCell(value: unknown): string {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  if (typeof value !== 'string') return ''
  const text = formula.test(value) && !negativeNumber.test(value) ? `'${value}` : value
  return needsQuotes.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
