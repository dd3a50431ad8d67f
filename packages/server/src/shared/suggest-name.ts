/** Returns the known name that is most like an unknown one; `undefined` when none is similar. */
export function suggestName(unknown: string, known: readonly string[]): string | undefined {
  const text = unknown.toLowerCase()
  const maxEdits = Math.max(1, Math.floor(text.length / 3))
  let best: string | undefined
  let bestEdits = maxEdits + 1
  for (const name of known) {
    const edits = countEdits(text, name.toLowerCase())
    if (edits >= bestEdits) continue
    best = name
    bestEdits = edits
  }
  return best
}

/** Longer texts are not compared, as their comparison takes long. */
const maxLength = 80

/** Counts the insertions, deletions and replacements of characters that turn one text into another (Levenshtein). */
function countEdits(from: string, to: string): number {
  if (from.length > maxLength || to.length > maxLength) return Infinity
  let row = Array.from({ length: to.length + 1 }, (_, index) => index)
  for (const [index, character] of [...from].entries()) {
    const next = [index + 1]
    for (const [column, other] of [...to].entries()) {
      const replaced = (row[column] ?? 0) + (character === other ? 0 : 1)
      next.push(Math.min(replaced, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1))
    }
    row = next
  }
  return row.at(-1) ?? Infinity
}
