/** Codes of a missing file, and of a missing package. */
const missingCodes: readonly unknown[] = ['ENOENT', 'ERR_MODULE_NOT_FOUND']

/** Resolves with the content of a file; with `undefined` if the file does not exist. Rejects with any other error. */
export async function ifExists(reading: Promise<string>): Promise<string | undefined> {
  try {
    return await reading
  } catch (error) {
    if (error instanceof Error && 'code' in error && missingCodes.includes(error.code)) {
      return undefined
    }
    throw error
  }
}
