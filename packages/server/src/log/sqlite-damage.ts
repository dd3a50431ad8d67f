/** Primary result codes of SQLite for a damaged file: SQLITE_CORRUPT and SQLITE_NOTADB. */
const damageCodes = [11, 26]

/** Returns the result of a read, or `undefined` when SQLite finds the file damaged. */
export function orDamaged<Result>(read: () => Result): Result | undefined {
  try {
    return read()
  } catch (error) {
    const code = error instanceof Error && 'errcode' in error ? error.errcode : undefined
    if (typeof code === 'number' && damageCodes.includes(code & 0xff)) return undefined
    throw error
  }
}
