/** A place in a page that the generator fills: `<!-- api:TopList -->`. */
export interface Marker {
  /** `api`, `common`, `fields`, `returns` or `example`. */
  readonly kind: string
  readonly name: string
}

/**
 * Fills the marked places of a Markdown page.
 *
 * `<!-- kind:name -->` … `<!-- /kind -->` encloses generated text. `<!-- example:path -->` stands before a code block.
 * A marker without text, as in a new page, gets both. A marker for which `toText` returns `undefined` stays as it is.
 */
export function fillPage(page: string, toText: (marker: Marker) => string | undefined): string {
  return page
    .replaceAll(
      /^<!-- (api|common|fields|returns):(\S+) -->\n(?:(?:(?!^<!-- \w+:)[^])*?^<!-- \/\1 -->\n)?/gm,
      (block, kind: string, name: string) => {
        const text = toText({ kind, name })
        return text === undefined
          ? block
          : `<!-- ${kind}:${name} -->\n\n${text}\n<!-- /${kind} -->\n`
      },
    )
    .replaceAll(/^<!-- example:(\S+) -->\n(?:\n```\w+\n[^]*?^```\n)?/gm, (block, name: string) => {
      const text = toText({ kind: 'example', name })
      const language = name.split('.').at(-1) ?? ''
      return text === undefined
        ? block
        : `<!-- example:${name} -->\n\n\`\`\`${language}\n${text}\`\`\`\n`
    })
}

/** Lists the markers of a page. */
export function markersOf(page: string): Marker[] {
  return [...page.matchAll(/^<!-- (\w+):(\S+) -->$/gm)].map(([, kind = '', name = '']) => ({
    kind,
    name,
  }))
}

/** Lists the first lines of code blocks that no example fills. Commands for a terminal need none. */
export function unmarkedBlocks(page: string): string[] {
  const rest = page.replaceAll(/^<!-- example:\S+ -->\n\n```\w+\n[^]*?^```\n/gm, '')
  return [...rest.matchAll(/^```(\w*)\n(.*)\n[^]*?^```$/gm)]
    .filter(([, language]) => language !== 'sh')
    .map(([, , line = '']) => line)
}
