import { describe, expect, it } from 'vitest'
import { anchorsOf, linksOf } from './check-links.ts'

describe('linksOf', () => {
  it('finds every form of link with its line number', () => {
    const markdown = [
      '[a](docs/a.md) and ![b](b.png "title")',
      '<img src="c.png" alt="">',
      '[d]: ./d.md#part',
    ].join('\n')
    expect(linksOf(markdown).toSorted((a, b) => a.target.localeCompare(b.target))).toEqual([
      { target: './d.md#part', line: 3 },
      { target: 'b.png', line: 1 },
      { target: 'c.png', line: 2 },
      { target: 'docs/a.md', line: 1 },
    ])
  })

  it('ignores links in code', () => {
    const markdown = '`[a](a.md)`\n\n```md\n[b](b.md)\n```\n\n[c](c.md)'
    expect(linksOf(markdown)).toEqual([{ target: 'c.md', line: 7 }])
  })
})

describe('anchorsOf', () => {
  it('derives anchors as GitHub does and numbers repeated headings', () => {
    const markdown = '# The wire, v1\n## `applyFrame` & co\n## Same\n```\n# no\n```\n## Same'
    expect([...anchorsOf(markdown)]).toEqual(['the-wire-v1', 'applyframe--co', 'same', 'same-1'])
  })
})
