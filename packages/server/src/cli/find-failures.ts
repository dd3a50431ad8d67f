import { CountryFileError, HistoryBoundsError, type TidemarkOptions } from '../index.ts'
import { checkDirectory } from './check-directory.ts'
import { describeHistoryBounds } from './describe-history-bounds.ts'
import type { ServerSetup, SetupFailure } from './prepare-server.ts'

/**
 * Finds the mistakes that only a server finds, such as two goals of one name. Creates one in memory, which opens no
 * port and writes nothing.
 */
export async function tryOptions(setup: ServerSetup): Promise<readonly string[]> {
  const { createTidemark } = await import('../index.ts')
  const { storage: _, ...inMemory } = setup.options
  const failuresOf = async (options: TidemarkOptions): Promise<readonly string[]> => {
    try {
      await createTidemark({ ...options, onError: () => {} }).close()
      return []
    } catch (error) {
      return describeInvalid(error, setup) ?? [String(error)]
    }
  }
  // The server reads the country file last, and an earlier mistake must not hide this one.
  const { countryFile, ...others } = inMemory
  return [
    ...(await failuresOf(others)),
    ...(countryFile === undefined ? [] : await failuresOf({ countryFile })),
  ]
}

/** Finds all mistakes that remain after the configuration has been read, also those of the data directory. */
export async function findFailures(setup: ServerSetup): Promise<readonly string[]> {
  return [...(await tryOptions(setup)), ...checkDirectory(setup)]
}

/** Adds the mistakes in the rest of an invalid configuration. */
export async function findAllFailures({
  failures,
  setup,
}: SetupFailure): Promise<readonly string[]> {
  return [...new Set([...failures, ...(setup ? await findFailures(setup) : [])])]
}

/** Describes an error about invalid options; `undefined` for other errors. */
export function describeInvalid(
  error: unknown,
  { loaded }: Pick<ServerSetup, 'loaded'>,
): readonly string[] | undefined {
  if (error instanceof HistoryBoundsError) {
    return [describeHistoryBounds(error.violation, loaded.nameOf)]
  }
  if (error instanceof TypeError) return error.message.split('\n')
  return error instanceof CountryFileError
    ? [`${loaded.nameOf('countryFile')}: ${error.message}`]
    : undefined
}
