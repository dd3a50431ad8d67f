import { join, resolve as resolvePath } from 'node:path'
import process from 'node:process'
import { openAccessLog } from '../access-log/open-log.ts'
import { readFormat } from '../access-log/read-format.ts'
import { describeReadFailure } from '../access-log/read-failure.ts'
import type { Preview, PreviewedVisit } from '../import/preview.ts'
import type { DirectoryRules, RuleSource } from '../import/site-rules.ts'
import { createTimeZone } from '../rollup/history/time-zone.ts'
import { type CliContext, type ExitCode, exitCodes, fail, writeLines } from './context.ts'
import {
  type ImportLogFlags,
  type ImportTarget,
  createOriginOf,
  failImport,
  toExclusion,
} from './import-log.ts'
import { describeFormat, toDeclaration } from './log-options.ts'
import {
  describeChangedRules,
  formatLineCounts,
  formatRow,
  formatRuleNote,
  formatTimeRange,
  formatUnlistedHosts,
} from './summary-rows.ts'
import { formatTime, toPrintable } from './text.ts'

/** Shows the first visits and the totals of a log, without writing anything. */
export async function previewLog(
  file: string,
  target: ImportTarget,
  flags: ImportLogFlags,
  context: CliContext,
): Promise<ExitCode> {
  const { stdin, stdout, stderr } = context
  const [{ previewImport }, { readDirectoryRules }, { createPlaceOf }] = await Promise.all([
    import('../import/preview.ts'),
    import('../import/site-rules.ts'),
    import('../ingest/place.ts'),
  ])
  const { site, hosts } = target
  const { countryFile, json } = flags
  let directory: DirectoryRules
  try {
    const path = join(resolvePath(context.cwd ?? process.cwd(), flags.data), 'tidemark.db')
    directory = readDirectoryRules(path, site, flags.requested)
  } catch (error) {
    return failImport(error, flags, context)
  }
  const stop = new AbortController()
  try {
    const { rules, timeZone } = directory
    writeLines(stderr, describeChangedRules(rules, site, flags))
    const placeOf = createPlaceOf(countryFile === undefined ? {} : { file: countryFile })
    const signal = AbortSignal.any([context.signal, stop.signal])
    const opened = await openAccessLog(target.path, { stdin, signal })
    const { log, parser, format } = await readFormat(opened, toDeclaration(flags))
    if (format && !json && target.isFirst) writeLines(stderr, describeFormat(format))
    const { startOfDay } = createTimeZone(timeZone)
    const originOf = createOriginOf(target)
    const preview = await previewImport({
      ...{ log, parser, hosts, originOf, startOfDay, placeOf },
      addresses: rules.addresses,
      isExcluded: toExclusion(flags, rules.excluded),
    })
    target.onCounts(preview)
    const facts = { file, site, timeZone, rules: rules.source, dryRun: true }
    if (json) writeLines(stdout, [JSON.stringify({ ...facts, ...preview })])
    else writeLines(stdout, formatPreview(preview, target, rules.source, flags))
    return exitCodes.done
  } catch (error) {
    if (context.signal.aborted) return exitCodes.interrupted
    return fail(context, `Cannot read ${file}: ${describeReadFailure(error)}`, exitCodes.failed)
  } finally {
    stop.abort()
  }
}

function formatPreview(
  preview: Preview,
  { site, isFirst }: ImportTarget,
  source: RuleSource,
  { configName }: ImportLogFlags,
): string[] {
  const { pageViews, botViews, unlistedHostViews } = preview
  return [
    `Site ${site}`,
    ...(preview.visits.length > 0 ? ['First visits, with random names of visitors:'] : []),
    ...preview.visits.flatMap(formatVisit),
    formatRow('Lines', preview.lines, formatTimeRange(preview)),
    ...formatLineCounts(preview, isFirst),
    ...formatUnlistedHosts(unlistedHostViews),
    formatRow('Page views of people', pageViews - botViews - unlistedHostViews),
    formatRow('Page views of bots', botViews),
    formatRow('Visitors per day, summed', preview.visitors),
    ...(isFirst ? formatRuleNote(source, configName) : []),
    'Nothing was written. Earlier imports of the same log were not considered.',
  ]
}

function formatVisit(visit: PreviewedVisit): string[] {
  const { visitor, at, pages, morePages, source = '(own site or unknown)' } = visit
  const { device, browser, os, country } = visit
  const place = country === undefined ? '' : ` · ${country}`
  const more = morePages > 0 ? ` and ${morePages} more` : ''
  return [
    `  ${visitor} · ${formatTime(at)} · from ${source} · ${device}, ${browser}, ${os}${place}`,
    `    ${pages.join(' → ')}${more}`,
  ].map(line =>
    line.replace(/^( *)(.*)$/s, (_, indent: string, text: string) => indent + toPrintable(text)),
  )
}
