import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Gallery, type GalleryPage, findViolations, openGallery } from './gallery.ts'

let gallery: Gallery

beforeAll(async () => {
  gallery = await openGallery()
})
afterAll(() => gallery.close())

describe.each([['in dark colors, from right to left', 'theme=dark&locale=ar']])(
  'Gallery %s',
  (_, query) => {
    let opened: GalleryPage

    beforeAll(async () => {
      opened = await gallery.open(query)
    })
    afterAll(() => opened.page.context().close())

    it('has no accessibility violation', async () => {
      expect(await findViolations(opened.page)).toEqual([])
    })

    it('writes nothing to the console', () => {
      expect(opened.messages).toEqual([])
    })
  },
)

it.each(['ar'])('Gallery: does not overflow a phone in the language %s', async locale => {
  const { page } = await gallery.open(`state=data&locale=${locale}`, 320)
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(320)
  await page.context().close()
})
