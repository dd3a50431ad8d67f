import type { ByteReader, ByteWriter } from '../../shared/bytes.ts'

/**
 * Numbers the pages of recent visits, so that a visit stores 4 bytes instead of a path. A page is forgotten when no
 * visit that an event can still change has it.
 */
export interface PageNames {
  /** Returns the number of a page at the time `now`. Returns `otherPage` when there is no room. */
  numberOf(path: string, now: number): number
  /** Returns the page of a number; `undefined` for `otherPage`, and for a page that was forgotten. */
  nameOf(page: number): string | undefined
  /** Compares the names of two pages. */
  compare(a: number, b: number): number
  /** Forgets pages that no changeable visit has. */
  advance(now: number): void
  write(writer: ByteWriter): void
  /** Restores the bytes of `write` into an empty state. */
  read(reader: ByteReader): void
}

/** Number of a page without a name: there was no room for it. */
export const otherPage = 1
const firstPage = 2
const lastPage = 2 ** 32 - 1

const hourMs = 3_600_000

interface Page {
  readonly path: string
  readonly number: number
  /** Hour of the last use, in hours since 1970. */
  usedHour: number
}

/**
 * @param maxPages most pages with a number
 * @param retentionMs time after which a visit without an event does not change
 */
export function createPageNames(maxPages: number, retentionMs: number): PageNames {
  /** By path, the least recently used one first, to the hour. */
  const pages = new Map<string, Page>()
  const byNumber = new Map<number, Page>()
  let next = firstPage
  // Most views of a record are of a few pages.
  let last: Page | undefined

  function add(page: Page): Page {
    pages.set(page.path, page)
    byNumber.set(page.number, page)
    return page
  }

  function use(page: Page, hour: number): number {
    if (page.usedHour !== hour) {
      page.usedHour = hour
      pages.delete(page.path)
      pages.set(page.path, page)
    }
    last = page
    return page.number
  }

  const nameOf = (page: number): string | undefined => byNumber.get(page)?.path

  return {
    numberOf(path, now) {
      const hour = Math.floor(now / hourMs)
      if (last && last.path === path && last.usedHour === hour) return last.number
      const known = pages.get(path)
      if (known) return use(known, hour)
      if (pages.size >= maxPages) return otherPage
      const number = next
      next = next === lastPage ? firstPage : next + 1
      last = add({ path, number, usedHour: hour })
      return number
    },
    nameOf,
    compare(a, b) {
      const one = nameOf(a) ?? ''
      const other = nameOf(b) ?? ''
      return one < other ? -1 : one > other ? 1 : 0
    },
    advance(now) {
      const before = Math.floor((now - retentionMs) / hourMs)
      for (const page of pages.values()) {
        if (page.usedHour >= before) return
        pages.delete(page.path)
        byNumber.delete(page.number)
        if (last === page) last = undefined
      }
    },
    write(writer) {
      writer.uint(next)
      writer.uint(pages.size)
      for (const { path, number, usedHour } of pages.values()) {
        writer.text(path)
        writer.uint(number)
        writer.uint(usedHour)
      }
    },
    read(reader) {
      next = reader.uint()
      for (let remaining = reader.uint(); remaining > 0; remaining--) {
        add({ path: reader.text(), number: reader.uint(), usedHour: reader.uint() })
      }
    },
  }
}
