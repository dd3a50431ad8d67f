/**
 * Characters that make text look like something it is not, or break a line: the C0 and C1 controls, the
 * marks that turn the writing direction (Unicode UAX 9), and the byte order mark.
 */
// oxlint-disable-next-line no-control-regex -- these are the characters it is about
const deceptive = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g

/** Nearly all text, and looked at faster than replaced. */
const plain = /^[ -~]*$/

/**
 * Text as it is stored and shown: well-formed Unicode, with each lone surrogate and each deceptive
 * character in it replaced by U+FFFD, so that different texts stay different from their clean form.
 */
export function toCleanText(text: string): string {
  if (plain.test(text)) return text
  return text.toWellFormed().replace(deceptive, '\ufffd')
}
