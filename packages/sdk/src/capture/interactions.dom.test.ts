// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type InteractionOptions, interactions } from './interactions.ts'
import { type FakeCapture, createFakeCapture } from './testing/fake-capture.ts'

let fake: FakeCapture

function start(html: string, options?: InteractionOptions): void {
  document.body.innerHTML = html
  fake = createFakeCapture(interactions(options))
}

/** Fires an event at the first element of a selector, as a visitor does. */
function fire(selector: string, type = 'click', init: MouseEventInit = {}): void {
  const event =
    type === 'submit'
      ? new Event(type, { bubbles: true, cancelable: true })
      : new MouseEvent(type, { bubbles: true, composed: true, cancelable: true, ...init })
  // The page does not navigate in a test.
  event.preventDefault()
  document.querySelector(selector)?.dispatchEvent(event)
}

beforeEach(() => {
  location.href = 'https://shop.example/catalog'
})

afterEach(() => fake.stop())

describe('Interactions: outbound links', () => {
  it('are links to other hosts, without query and fragment', () => {
    start('<a href="https://other.example/path?token=1#x">Other</a>')
    fire('a')
    expect(fake.recorded).toEqual([
      { name: 'outbound', properties: { url: 'https://other.example/path' } },
    ])
  })

  it('include clicks on elements in the link and with the middle button', () => {
    start('<a href="https://other.example/"><b>Other</b></a>')
    fire('b')
    fire('a', 'auxclick', { button: 1 })
    expect(fake.recorded).toHaveLength(2)
  })

  it('do not include the right button, which opens a menu', () => {
    start('<a href="https://other.example/">Other</a>')
    fire('a', 'auxclick', { button: 2 })
    expect(fake.recorded).toEqual([])
  })

  it.each([
    '/next',
    '#top',
    'mailto:me@other.example',
    'tel:123',
    'javascript:void 0',
    'https://shop.example/x',
  ])('do not include %s', href => {
    start(`<a href="${href}">Here</a>`)
    fire('a')
    expect(fake.recorded).toEqual([])
  })

  it('do not include a link without a target, or another element', () => {
    start('<a>Nothing</a><button>Button</button><svg><a href="https://other.example/"></a></svg>')
    fire('body > a')
    fire('button')
    expect(fake.recorded).toEqual([])
  })

  it('are found in an open shadow root', () => {
    start('<div></div>')
    const root = document.querySelector('div')?.attachShadow({ mode: 'open' })
    const link = document.createElement('a')
    link.href = 'https://other.example/'
    root?.append(link)
    link.dispatchEvent(new MouseEvent('click', { bubbles: true, composed: true }))
    expect(fake.recorded).toMatchObject([{ name: 'outbound' }])
  })

  it('are tracked before a page stops the event', () => {
    start('<a href="https://other.example/">Other</a>')
    document
      .querySelector('a')
      ?.addEventListener('click', event => event.stopImmediatePropagation())
    fire('a')
    expect(fake.recorded).toHaveLength(1)
  })

  it('are switched off by an option', () => {
    start('<a href="https://other.example/">Other</a>', { outbound: false })
    fire('a')
    expect(fake.recorded).toEqual([])
  })
})

describe('Interactions: downloads', () => {
  it.each([
    '/files/report.pdf',
    '/files/report.PDF?v=2',
    'https://cdn.example/files/report.pdf#page=2',
  ])('are links to files: %s', href => {
    start(`<a href="${href}">Report</a>`)
    fire('a')
    expect(fake.recorded).toHaveLength(1)
    const { name, properties } = fake.recorded[0] ?? {}
    expect(name).toBe('download')
    expect(properties).toMatchObject({
      url: expect.stringMatching(/^https:\/\/\w+\.example\/files\/report\.pdf$/i),
      file: expect.stringMatching(/^report\.pdf$/i),
    })
  })

  it('are links with the attribute `download`', () => {
    start('<a href="/export" download>Export</a>')
    fire('a')
    expect(fake.recorded).toEqual([
      { name: 'download', properties: { url: 'https://shop.example/export', file: 'export' } },
    ])
  })

  it('are switched off by an option, and then are no outbound links', () => {
    start('<a href="https://cdn.example/a.zip">Zip</a>', { downloads: false })
    fire('a')
    expect(fake.recorded).toEqual([])
  })
})

describe('Interactions: forms', () => {
  it('have the id or the name of the form and its action without query, never its fields', () => {
    start(`<form id="signup" action="/join?token=1"><input name="email" value="a@b.example"></form>
      <form name="search"></form><form class="bare"></form>`)
    fire('#signup', 'submit')
    fire('[name=search]', 'submit')
    fire('.bare', 'submit')
    expect(fake.recorded).toEqual([
      { name: 'form_submit', properties: { form: 'signup', action: '/join' } },
      { name: 'form_submit', properties: { form: 'search' } },
      { name: 'form_submit', properties: undefined },
    ])
  })

  it('have their own id, also if a field is named `id`', () => {
    start('<form id="signup"><input name="id" value="42"><input name="action"></form>')
    fire('form', 'submit')
    expect(fake.recorded).toEqual([{ name: 'form_submit', properties: { form: 'signup' } }])
  })

  it('are switched off by an option', () => {
    start('<form id="signup"></form>', { forms: false })
    fire('form', 'submit')
    expect(fake.recorded).toEqual([])
  })
})

describe('Interactions: attributes', () => {
  it('send an event with properties and value', () => {
    start(`<button data-tidemark-event="signup" data-tidemark-event-plan="pro"
      data-tidemark-event-billing-cycle="year" data-tidemark-value="49.5"><i>Go</i></button>`)
    fire('i')
    expect(fake.tracked).toEqual([
      { name: 'signup', properties: { plan: 'pro', 'billing-cycle': 'year' }, value: 49.5 },
    ])
    expect(fake.recorded).toEqual([])
  })

  it('of a form send an event on submit, not on a click', () => {
    start('<form id="f" data-tidemark-event="joined"><button type="button">Join</button></form>')
    fire('button')
    expect(fake.tracked).toEqual([])
    fire('form', 'submit')
    expect(fake.tracked).toMatchObject([{ name: 'joined' }])
    expect(fake.recorded).toMatchObject([{ name: 'form_submit' }])
  })

  it('of a container do not send an event when a form in it is submitted', () => {
    start('<div data-tidemark-event="box"><form></form></div>')
    fire('form', 'submit')
    expect(fake.tracked).toEqual([])
  })

  it('of an outbound link send both events', () => {
    start('<a href="https://other.example/" data-tidemark-event="partner">Other</a>')
    fire('a')
    expect(fake.tracked).toMatchObject([{ name: 'partner' }])
    expect(fake.recorded).toMatchObject([{ name: 'outbound' }])
  })

  it('are switched off by an option', () => {
    start('<button data-tidemark-event="signup">Go</button>', { attributes: false })
    fire('button')
    expect(fake.tracked).toEqual([])
  })
})
