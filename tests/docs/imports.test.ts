import { readFile, readdir } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'

const root = new URL('../../', import.meta.url)

/** Names that the code blocks of a page import from the packages of this repository. */
async function importsOf(page: string): Promise<{ name: string; from: string }[]> {
  const text = await readFile(new URL(page, root), 'utf8')
  const blocks = [...text.matchAll(/```(?:ts|js|vue)\n([^]*?)\n```/g)].map(([, code = '']) => code)
  return blocks.flatMap(code =>
    [...code.matchAll(/import (?:type )?\{([^}]+)\} from '(@tidemark\/[^']+)'/g)].flatMap(
      ([, names = '', from = '']) =>
        names
          .split(',')
          .map(name => name.trim())
          // Types do not exist at run time; `pnpm check` compiles the code blocks that use them.
          .filter(name => name !== '' && !name.startsWith('type '))
          .map(name => ({ name, from })),
    ),
  )
}

const pages = [
  'README.md',
  ...['protocol', 'sdk', 'server', 'widgets'].map(name => `packages/${name}/README.md`),
  ...(await readdir(new URL('docs/', root)))
    .filter(name => name.endsWith('.md'))
    .map(name => `docs/${name}`),
]

describe.each(pages)('%s', page => {
  it('imports only what the packages export', async () => {
    for (const { name, from } of await importsOf(page)) {
      const exported: object = await import(from)
      expect(Object.keys(exported), `${name} of ${from}`).toContain(name)
    }
  })
})
