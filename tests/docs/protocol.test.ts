import { readFile } from 'node:fs/promises'
import { closeCodes, errors, eventErrors } from '@tidemark/protocol'
import { createTidemark } from '@tidemark/server'
import { describe, expect, it } from 'vitest'

const page = await readFile(new URL('../../docs/protocol.md', import.meta.url), 'utf8')

/** The rows of the table after a line, as cells without their back-quotes. */
function tableAfter(line: string): string[][] {
  const [, rest = ''] = page.split(`\n${line}\n`)
  const lines = rest.split('\n')
  const start = lines.findIndex(each => each.startsWith('|'))
  const end = lines.findIndex((each, at) => at > start && !each.startsWith('|'))
  return lines.slice(start + 2, end).map(row =>
    row
      .split('|')
      .slice(1, -1)
      .map(cell => cell.trim()),
  )
}

function codeBlocks(language: string): string[] {
  return [...page.matchAll(new RegExp(`\`\`\`${language}\n([^]*?)\n\`\`\``, 'g'))].map(
    ([, code = '']) => code,
  )
}

describe('docs/protocol.md', () => {
  it('lists every error with its status and title', () => {
    const documented = tableAfter('## Errors').map(([code, status, title]) => ({
      code: code?.replaceAll('`', ''),
      status: Number(status),
      title: title?.split(' Come back')[0],
    }))
    const catalogued = Object.entries(errors).map(([code, { status, title }]) => ({
      code,
      status,
      title,
    }))
    const byCode = (a: { code?: string | undefined }, b: { code?: string | undefined }): number =>
      String(a.code) < String(b.code) ? -1 : 1
    expect(documented.toSorted(byCode)).toEqual(catalogued.toSorted(byCode))
  })

  it('lists every code of an event', () => {
    const codes = tableAfter('### Codes of events').flatMap(([code]) =>
      [...(code ?? '').matchAll(/`(\w+)`/g)].map(([, name = '']) => name),
    )
    expect(codes.toSorted()).toEqual(Object.keys(eventErrors).toSorted())
  })

  it('names no close code that there is not', () => {
    const known = new Set<number>([1009, ...Object.values(closeCodes)])
    const named = [...page.matchAll(/^\| (\d{4}) +\|/gm)].map(([, code]) => Number(code))
    expect(named.length).toBeGreaterThan(4)
    for (const code of named) expect(known).toContain(code)
  })

  it('has only JSON in its JSON', () => {
    for (const block of codeBlocks('json')) expect(() => JSON.parse(block), block).not.toThrow()
  })

  it('has commands that do what is said beside them', async () => {
    const now = 1_790_000_000_000
    const tidemark = createTidemark({ clock: { now: () => now, after: () => () => {} } })
    const run = async (command: string): Promise<Response> => {
      const [, path = ''] = /"\$API([^"]*)"/.exec(command) ?? []
      const [, body] = /-d '([^]*)'/.exec(command) ?? []
      const init = body === undefined ? {} : { method: 'POST', body }
      return await tidemark.fetch(new Request(`http://localhost/api${path}`, init))
    }
    const [send = '', realtime = '', frames = '', metrics = ''] = codeBlocks('sh')

    const sent = await run(send)
    expect(sent.status).toBe(202)
    expect(await sent.json()).toEqual(JSON.parse(codeBlocks('json')[0] ?? ''))

    const state = await run(realtime)
    expect(state.status).toBe(200)
    expect(Object.keys(await state.json())).toEqual(
      Object.keys(JSON.parse(codeBlocks('json')[1] ?? '')),
    )

    // On this server nothing has happened yet after its first frame.
    const gone = await run(frames.replace('&wait=25', ''))
    expect(gone.status).toBe(410)
    expect(await gone.json()).toMatchObject({ code: 'cursor_gone', reason: 'future' })

    const history = await run(metrics)
    expect(history.status).toBe(200)
    expect(Object.keys(await history.json())).toEqual(
      Object.keys(JSON.parse(codeBlocks('json')[3] ?? '')),
    )
    await tidemark.close()
  })
})
