import { describe, expect, it } from 'vitest'
import { type Marker, fillPage, markersOf, unmarkedBlocks } from './page.ts'

const textOf = ({ kind, name }: Marker): string | undefined =>
  name === 'Unknown' ? undefined : `${kind} of ${name}\n`

describe('fillPage', () => {
  it('fills new markers and replaces earlier text', () => {
    const page = '# A\n\n<!-- api:A -->\n\nText.\n\n<!-- example:A/B.vue -->\n\nEnd.\n'
    const filled = fillPage(page, textOf)
    expect(filled).toBe(
      '# A\n\n<!-- api:A -->\n\napi of A\n\n<!-- /api -->\n\nText.\n\n' +
        '<!-- example:A/B.vue -->\n\n```vue\nexample of A/B.vue\n```\n\nEnd.\n',
    )
    expect(fillPage(filled.replaceAll(' of ', ' from '), textOf)).toBe(filled)
  })

  it('keeps the text between a new marker and the end of another one', () => {
    const page = '<!-- fields:A -->\n\nText.\n\n<!-- fields:B -->\n\nold\n\n<!-- /fields -->\n'
    expect(fillPage(page, textOf)).toBe(
      '<!-- fields:A -->\n\nfields of A\n\n<!-- /fields -->\n\nText.\n\n' +
        '<!-- fields:B -->\n\nfields of B\n\n<!-- /fields -->\n',
    )
  })

  it('leaves unknown markers as they are', () => {
    const page = '<!-- fields:Unknown -->\n\nText.\n\n<!-- example:Unknown -->\n'
    expect(fillPage(page, textOf)).toBe(page)
  })
})

it('markersOf: lists opening markers', () => {
  expect(markersOf('<!-- api:A -->\n\nText.\n\n<!-- /api -->\n<!-- a comment -->\n')).toEqual([
    { kind: 'api', name: 'A' },
  ])
})

it('unmarkedBlocks: ignores examples and commands', () => {
  const example = '<!-- example:a.ts -->\n\n```ts\na()\n```\n'
  const command = '```sh\nnpm install\n```\n'
  expect(unmarkedBlocks(`${example}\n${command}\n\`\`\`ts\nb()\nc()\n\`\`\`\n`)).toEqual(['b()'])
})
