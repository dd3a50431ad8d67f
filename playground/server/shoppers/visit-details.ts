import { eventNames } from '@tidemark/protocol'
import { paths } from '../../shop/routes.ts'
import type { VisitStep } from './visit-step.ts'

/** Shares of page views with a measured response time, and of product pages with a download or an outbound click. */
const timedShare = 0.25
const downloadShare = 0.07
const outboundShare = 0.05

/** Shares of home and category pages with a search, a subscription or a link to a page that has gone. */
const searchShare = 0.06
const formShare = 0.03
const missingShare = 0.02

const searches = ['tide clock', 'barometer', 'wool cap', 'chart of the north sea', 'gift card']
const missingPages = [paths.product('brass-sextant'), '/sale', '/catalog-2024']

/** Pause between a page view, its response time, and a click. */
const pauseMs = 3000

const dataSheet = '/files/data-sheet.pdf'
const museum = 'https://museum-of-navigation.example/'

/**
 * Adds response times to some page views of a visit, downloads and outbound clicks to some product pages, and searches,
 * forms and missing pages to some other pages.
 */
export function* addDetails(
  visit: Iterable<VisitStep>,
  random: () => number,
): Generator<VisitStep, void, undefined> {
  for (const step of visit) {
    const details = step.name === eventNames.pageView ? detailsOf(step, random) : []
    let remainingMs = step.pauseMs
    const [last = step, ...earlier] = [step, ...details].toReversed()
    for (const each of earlier.toReversed()) {
      yield { ...each, pauseMs }
      remainingMs -= pauseMs
    }
    yield { ...last, pauseMs: Math.max(pauseMs, remainingMs) }
  }
}

function detailsOf(view: VisitStep, random: () => number): VisitStep[] {
  const details: VisitStep[] = []
  const { path, title, properties, pauseMs: pause } = view
  const add = (
    name: string,
    extra: Partial<Pick<VisitStep, 'value' | 'path' | 'properties'>>,
  ): void => {
    const { value } = extra
    details.push({
      ...{ name, path: extra.path ?? path, title, pauseMs: pause },
      ...(value !== undefined && { value }),
      properties: { ...properties, ...extra.properties },
    })
  }
  if (random() < timedShare) add('response_time', { value: responseTimeMs(random) })
  const isProduct = path.startsWith(paths.product(''))
  if (isProduct && random() < downloadShare)
    add(eventNames.download, { properties: { url: dataSheet } })
  if (isProduct && random() < outboundShare)
    add(eventNames.outbound, { properties: { url: museum } })
  const hasSearch = path === paths.home || path.startsWith(paths.category(''))
  if (!hasSearch) return details
  const pick = (texts: readonly string[]): string =>
    texts[Math.floor(random() * texts.length)] ?? ''
  if (random() < searchShare) add(eventNames.siteSearch, { properties: { query: pick(searches) } })
  if (random() < formShare) add(eventNames.formSubmit, { properties: { form: 'newsletter' } })
  if (random() < missingShare) add(eventNames.notFound, { path: pick(missingPages) })
  return details
}

/** Returns a response time in milliseconds: mostly 60 to 200, and seldom up to 800. */
function responseTimeMs(random: () => number): number {
  return Math.round(60 * Math.exp(1.1 * random() + 1.5 * random() ** 4))
}
