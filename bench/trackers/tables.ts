import type { BuiltTracker } from './build.ts'
import type { Delivery, Results } from './experiments.ts'
import { eventNames } from './visit.ts'

/** A tracker with its results. */
export interface Compared {
  readonly built: BuiltTracker
  readonly results: Results
}

/** Returns the generated parts of the page by the name of their marker. */
export function toTables(
  compared: readonly Compared[],
  browserVersion: string,
  date: Date,
): Map<string, string> {
  const row = (cells: (each: Compared) => readonly unknown[]): unknown[][] =>
    compared.map(each => [each.built.tracker.name, ...cells(each)])
  return new Map([
    [
      'measured',
      `Measured on ${date.toISOString().slice(0, 10)} with Chromium ${browserVersion} and Node ${process.version.slice(1)}.`,
    ],
    [
      'trackers',
      toTable(
        ['tracker', 'package', 'version', 'bundled', 'configuration'],
        row(({ built: { tracker, version } }) => [
          `\`${tracker.packageName ?? '@tidemark/sdk'}\``,
          version,
          tracker.source,
          tracker.configuration,
        ]),
      ),
    ],
    [
      'sizes',
      toTable(
        ['tracker', 'minified, bytes', 'gzip -9, bytes'],
        row(({ results: { normal } }) => [
          toCount(normal.bytes),
          toCount(normal.gzipBytes) +
            (normal.loadedLater.length > 0 ? `, ${normal.loadedLater.length} later files` : ''),
        ]),
      ),
    ],
    [
      'traffic',
      toTable(
        ['tracker', 'requests', 'preflights', 'sent, bytes', 'delivered', 'received twice'],
        row(({ results: { normal } }) => [
          normal.requests,
          normal.preflights,
          toCount(normal.sentBytes),
          normal.delivered,
          normal.repeated,
        ]),
      ),
    ],
    [
      'losses',
      toTable(
        ['tracker', 'link followed', 'tab closed', 'outage of 6 s', 'crash'],
        row(({ results: { navigation, closing, outage, crash } }) =>
          [navigation, closing, outage, crash].map(toCell),
        ),
      ),
    ],
  ])
}

/** Formats a delivery: `10`; `3, later 10` with another visit; `10 (2 twice)` with repeated events. */
export function toCell({ delivered, afterReturn = delivered, repeated }: Delivery): string {
  const later = afterReturn > delivered ? `, later ${afterReturn}` : ''
  const twice = repeated > 0 ? ` (${repeated} twice)` : ''
  const cell = `${delivered}${later}${twice}`
  return Math.max(delivered, afterReturn) === eventNames.length ? `**${cell}**` : cell
}

const toCount = (value: number): string => value.toLocaleString('en-US')

function toTable(head: readonly string[], rows: readonly (readonly unknown[])[]): string {
  const line = (cells: readonly unknown[]): string => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

/**
 * Replaces the text between the markers `<!-- table:name -->` and `<!-- /table -->` of a page.
 * @throws {Error} when the page lacks a marker
 */
export function fillTables(page: string, tables: ReadonlyMap<string, string>): string {
  let filled = page
  for (const [name, text] of tables) {
    const marker = new RegExp(`(<!-- table:${name} -->\n)[^]*?(<!-- /table -->)`)
    if (!marker.test(filled)) throw new Error(`The page has no marker 'table:${name}'.`)
    filled = filled.replace(
      marker,
      (_, start: string, end: string) => `${start}\n${text}\n\n${end}`,
    )
  }
  return filled
}
