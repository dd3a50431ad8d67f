import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import process from 'node:process'
import { root } from './run.ts'

/** Fails when the file or heading of a relative link in a Markdown file does not exist. */

interface Link {
  readonly target: string
  readonly line: number
}

/** Removes code and keeps the number of lines. */
function withoutCode(markdown: string): string {
  return markdown
    .replaceAll(/^( *)(```+|~~~+)[\s\S]*?^\1\2/gm, block => block.replaceAll(/[^\n]/g, ''))
    .replaceAll(/`[^`\n]*`/g, '')
}

/** Lists links, images, reference definitions and the URLs in HTML tags. */
export function linksOf(markdown: string): Link[] {
  const text = withoutCode(markdown)
  const forms = [
    /\]\(\s*<?([^\s)>]+)/g,
    /^\s*\[[^\]]+\]:\s*<?([^\s>]+)/gm,
    /\b(?:href|src|srcset)="([^"\s]+)/g,
  ]
  return forms.flatMap(form =>
    [...text.matchAll(form)].map(match => ({
      target: match[1] ?? '',
      line: text.slice(0, match.index).split('\n').length,
    })),
  )
}

/** Returns the anchors that GitHub gives to headings: `## The API, v1` → `the-api-v1`; a repeated one gets `-1`. */
export function anchorsOf(markdown: string): Set<string> {
  const anchors = new Set<string>()
  const counts = new Map<string, number>()
  // Inline code in a heading is part of its anchor. A comment in a code block is not a heading.
  const text = markdown.replaceAll(/^( *)(```+|~~~+)[\s\S]*?^\1\2/gm, '')
  for (const match of text.matchAll(/^#{1,6}\s+(.*?)\s*#*$/gm)) {
    const heading = (match[1] ?? '').replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase()
    const anchor = heading.replaceAll(/[^\p{L}\p{N}\s_-]/gu, '').replaceAll(' ', '-')
    const count = counts.get(anchor) ?? 0
    counts.set(anchor, count + 1)
    anchors.add(count > 0 ? `${anchor}-${count}` : anchor)
  }
  return anchors
}

function problemOf(path: string, { target, line }: Link): string | undefined {
  if (/^([a-z][a-z\d+.-]*:|\/\/)/i.test(target)) return undefined
  const [file = '', anchor] = decodeURI(target).split('#')
  const full = file === '' ? path : join(file.startsWith('/') ? root : dirname(path), file)
  const where = `${relative(root, path)}:${line}`
  if (!existsSync(full)) return `${where} links to ${target}, which does not exist`
  if (anchor === undefined || !full.endsWith('.md')) return undefined
  if (anchorsOf(readFileSync(full, 'utf8')).has(anchor)) return undefined
  return `${where} links to ${target}, but that file has no such heading`
}

if (import.meta.main) {
  const files = globSync('**/*.md', {
    cwd: root,
    exclude: path => /(^|[\\/])(node_modules|dist|\.tidemark)$/.test(path),
  })
  const problems = files.flatMap(file => {
    const path = join(root, file)
    return linksOf(readFileSync(path, 'utf8')).flatMap(link => problemOf(path, link) ?? [])
  })
  for (const problem of problems) console.log(problem)
  console.log(`${files.length} Markdown files, ${problems.length} broken links`)
  process.exitCode = problems.length > 0 ? 1 : 0
}
