import { de } from '@tidemark/widgets/locales/de'
import { en } from '@tidemark/widgets/locales/en'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findEnglishTexts, readTexts } from './gallery-texts.ts'
import { type Gallery, type GalleryPage, findViolations, openGallery } from './gallery.ts'

let gallery: Gallery

beforeAll(async () => {
  gallery = await openGallery()
})
afterAll(() => gallery.close())

describe.each([
  ['in light colors', 'theme=light'],
  ['in dark colors', 'theme=dark'],
  ['from right to left', 'theme=light&locale=ar'],
])('Gallery %s', (_, query) => {
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
})

it.each(['en', 'de', 'fr', 'es', 'ja'])(
  'Gallery: does not overflow a phone in the language %s',
  async locale => {
    const { page } = await gallery.open(`state=data&locale=${locale}`, 320)
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(320)
    await page.context().close()
  },
)

it('Gallery: has no English text in German', async () => {
  const { page } = await gallery.open('locale=de')
  const texts = await readTexts(page)
  expect(texts).toContain(de.list?.activePages)
  expect(findEnglishTexts(texts, en, de)).toEqual([])
  await page.context().close()
})
