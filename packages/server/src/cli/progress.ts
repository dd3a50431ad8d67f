import cliProgress from 'cli-progress'
import type { ReplayProgress } from '../replay/replay.ts'
import { type Output, writeLines } from './context.ts'
import { formatCount, formatTime } from './text.ts'

const barIntervalMs = 200
/** Interval of plain lines, for output that is not a terminal. */
const lineIntervalMs = 10_000

/** Progress of a replay or an import. */
type Progress = Pick<
  ReplayProgress,
  'consumedBytes' | 'totalBytes' | 'lines' | 'pageViews' | 'accepted' | 'logTime'
>

/** Shows progress until the returned function is called: a bar in a terminal, otherwise a line every ten seconds. */
export function showProgress(output: Output, progress: () => Progress): () => void {
  return output.isTTY ? showBar(output, progress) : showLines(output, progress)
}

function showBar(output: Output, progress: () => Progress): () => void {
  const bar = new cliProgress.SingleBar({
    stream: output,
    format: '{bar} {share} · {counts}',
    barCompleteChar: '█',
    barIncompleteChar: '░',
    barsize: 24,
    hideCursor: true,
    clearOnComplete: true,
    linewrap: false,
  })
  const update = (): void => {
    const now = progress()
    // The bar stays empty for input of unknown size.
    bar.setTotal(now.totalBytes ?? 1)
    const value = now.totalBytes === undefined ? 0 : now.consumedBytes
    bar.update(value, { share: formatShare(now), counts: formatCounts(now) })
  }
  bar.start(1, 0, { share: '', counts: '' })
  update()
  const timer = setInterval(update, barIntervalMs)
  return () => {
    clearInterval(timer)
    update()
    bar.stop()
  }
}

function showLines(output: Output, progress: () => Progress): () => void {
  const timer = setInterval(() => {
    const now = progress()
    writeLines(output, [`${formatShare(now)} · ${formatCounts(now)}`])
  }, lineIntervalMs)
  return () => clearInterval(timer)
}

/** Formats `42 % of 2.3 MB`, or the bytes read so far for input of unknown size. */
function formatShare({ consumedBytes, totalBytes }: Progress): string {
  if (totalBytes === undefined) return formatBytes(consumedBytes)
  const share = totalBytes === 0 ? 100 : Math.floor((consumedBytes / totalBytes) * 100)
  return `${String(share).padStart(3)} % of ${formatBytes(totalBytes)}`
}

function formatCounts({ lines, pageViews, accepted, logTime }: Progress): string {
  const views = `${formatCount(accepted)} of ${formatCount(pageViews)} page views accepted`
  const logTimeNote = logTime === undefined ? '' : ` · ${formatTime(logTime)}`
  return `${formatCount(lines)} lines · ${views}${logTimeNote}`
}

function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`
  if (bytes < 1_000_000) return `${(bytes / 1000).toFixed(0)} kB`
  return `${(bytes / 1_000_000).toFixed(1)} MB`
}
