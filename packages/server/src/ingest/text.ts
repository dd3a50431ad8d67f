/**
 * Characters that disguise text or break a line: C0 and C1 controls, directional formatting characters (Unicode
 * UAX 9), and the byte order mark.
 */
// oxlint-disable-next-line no-control-regex -- the pattern finds control characters
const deceptive = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g

/** Matches nearly all texts, faster than a replacement. */
const plainAscii = /^[ -~]*$/

/**
 * Cleans text for storage and display: replaces each lone surrogate and each deceptive character by U+FFFD. A changed
 * text is therefore visible as such.
 */
export function toCleanText(text: string): string {
  if (plainAscii.test(text)) return text
  return text.toWellFormed().replace(deceptive, '\ufffd')
}
