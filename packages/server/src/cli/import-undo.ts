import { existsSync } from 'node:fs'
import { join, resolve as resolvePath } from 'node:path'
import process from 'node:process'
import type { ImportUndo } from '../import/undo.ts'
import { type CliContext, type ExitCode, exitCodes, fail, writeLines } from './context.ts'
import { explainImportError } from './import-log.ts'
import { formatCount, formatTime } from './text.ts'

/** Takes back the last import of a site, and returns the exit code. */
export async function undoLastImport(
  site: string,
  data: string,
  context: CliContext,
): Promise<ExitCode> {
  const path = join(resolvePath(context.cwd ?? process.cwd(), data), 'tidemark.db')
  if (!existsSync(path)) return fail(context, `${data} has no data.`, exitCodes.failed)
  const { undoInDirectory } = await import('../import/undo.ts')
  try {
    return report(await undoInDirectory(path, site), site, context)
  } catch (error) {
    return fail(context, explainImportError(error, data), exitCodes.failed)
  }
}

function report(result: ImportUndo, site: string, context: CliContext): ExitCode {
  if (result.kind === 'nothing') {
    return fail(context, `The site ${site} has no import to take back.`, exitCodes.failed)
  }
  if (result.kind === 'changed') return fail(context, explainChanged(result), exitCodes.failed)
  writeLines(context.stdout, [
    `The last import of ${site} was taken back: ${formatCount(result.rows)} stored rows are as before it.`,
  ])
  return exitCodes.done
}

const maxListed = 3

function explainChanged({ buckets }: Extract<ImportUndo, { kind: 'changed' }>): string {
  const listed = buckets
    .slice(0, maxListed)
    .map(({ tier, start }) => `${tier} ${formatTime(start)}`)
  const more = buckets.length > maxListed ? `, and ${buckets.length - maxListed} more` : ''
  return (
    `Nothing was taken back: a server has counted later events together with imported page views (${listed.join(', ')}` +
    `${more}). Visitor counts cannot be subtracted. To remove the import, restore a backup from before it.`
  )
}
