import { normalizeEscapes, pagePathOf } from '@tidemark/protocol'

/** Which addresses of a site are one page. */
export interface PageOptions {
  /** With `remove`, `/docs/` counts as `/docs`. @default 'keep', which counts them as two pages */
  trailingSlash?: 'keep' | 'remove'
  /** Files that stand for their folder: with `index.html`, `/docs/index.html` counts as `/docs/`. @default none */
  indexFiles?: readonly string[]
  /** With `lower`, `/Docs` counts as `/docs`, for servers that do not distinguish letter case. @default 'keep' */
  letterCase?: 'keep' | 'lower'
  /**
   * Parameters of the query that are part of the page, in the order in which paths show them: with `id`,
   * `/item?id=5&page=2` counts as `/item?id=5`. The log keeps them, so none may have secrets. @default none
   */
  query?: readonly string[]
}

/** The compiled rules of a site for its pages. */
export interface PageRules {
  /** Returns the path by which the page of a URL counts, as `pagePathOf` with these rules. */
  pathOf(url: Pick<URL, 'pathname' | 'search' | 'hash'>): string
  /** Returns the path by which the page of a path counts; a path may have a query and a fragment. */
  toPath(path: string): string
  /** Applies the rules to a normalized path without query. */
  rewrite(path: string): string
  /** Returns the part of a query that belongs to the page, with its question mark; empty without any. */
  queryOf(search: string): string
  /** Parameters of the query that belong to the page. */
  readonly query: readonly string[]
}

/** Most names of index files, and of parameters. */
export const maxPageNames = 20

/** @throws {TypeError} for a name of a file or a parameter that no address can have */
export function createPageRules(options: PageOptions = {}): PageRules {
  const { trailingSlash = 'keep', indexFiles = [], letterCase = 'keep', query = [] } = options
  const lowerCase = letterCase === 'lower'
  checkNames('indexFiles', indexFiles, /^[^/?#]+$/)
  checkNames('query', query, /./s)
  const names = new Set(indexFiles.map(name => (lowerCase ? name.toLowerCase() : name)))

  function withoutIndexFile(path: string): string {
    const file = path.slice(path.lastIndexOf('/') + 1)
    return file !== '' && names.has(file) ? path.slice(0, -file.length) : path
  }

  function rewrite(text: string): string {
    const cased = lowerCase ? toLowerCase(text) : text
    if (trailingSlash === 'keep') return withoutIndexFile(cased)
    let path = cased
    let before = ''
    // The folder of an index file may have the name of one.
    while (path !== before) {
      before = path
      path = withoutFinalSlash(withoutIndexFile(path))
    }
    return path
  }

  function queryOf(search: string): string {
    if (query.length === 0 || search === '') return ''
    const all = new URLSearchParams(search)
    const kept = query.flatMap(name =>
      all.getAll(name).map((value): [string, string] => [name, value]),
    )
    return kept.length === 0 ? '' : normalizeEscapes(`?${new URLSearchParams(kept).toString()}`)
  }

  const isChanging = trailingSlash === 'remove' || names.size > 0 || lowerCase
  const pathOf: PageRules['pathOf'] = url => {
    const part = queryOf(url.search)
    const path = pagePathOf(url, isChanging ? rewrite : undefined)
    if (part === '') return path
    const fragment = path.indexOf('#')
    return fragment < 0 ? path + part : path.slice(0, fragment) + part + path.slice(fragment)
  }
  // Any host serves. Without one, a path such as `//a/b` would be parsed as a host and a path.
  return { pathOf, toPath: path => pathOf(new URL(`http://a${path}`)), rewrite, queryOf, query }
}

export const defaultPageRules: PageRules = createPageRules()

/** Rules that accept any query, to check the path of a goal before the rules of its site are known. */
export const anyQueryRules: PageRules = { ...defaultPageRules, queryOf: search => search }

function checkNames(option: keyof PageOptions, names: readonly string[], valid: RegExp): void {
  if (names.length > maxPageNames) {
    throw new TypeError(`pages.${option}: ${names.length} names are more than ${maxPageNames}.`)
  }
  const invalid = names.find(name => !valid.test(name))
  if (invalid !== undefined) {
    throw new TypeError(
      `pages.${option}: ${JSON.stringify(invalid)} is not a name; for example '${option === 'query' ? 'id' : 'index.html'}'.`,
    )
  }
}

/** Converts letters of a normalized path, also escaped ones, such as `%C3%89` (É). */
function toLowerCase(path: string): string {
  return path.replaceAll(/(?:%[89A-F][\dA-F])+|%[\dA-F]{2}|[^%]+/g, part => {
    if (!part.startsWith('%')) return part.toLowerCase()
    if (!/^%[89A-F]/.test(part)) return part
    try {
      return encodeURIComponent(decodeURIComponent(part).toLowerCase())
    } catch {
      return part
    }
  })
}

/** Removes the slashes at the end, except for that of the root. Linear, because senders choose the path. */
function withoutFinalSlash(path: string): string {
  let end = path.length
  while (end > 1 && path[end - 1] === '/') end--
  return path.slice(0, end)
}
