import type { Capture } from '../tracker/capture-context.ts'

/** The interactions to track. All are tracked by default. */
export interface InteractionOptions {
  /** Clicks on links to other hosts, as `outbound`. @default true */
  outbound?: boolean | undefined
  /** Clicks on links to files, as `download`. @default true */
  downloads?: boolean | undefined
  /** Submits of forms, as `form_submit`. @default true */
  forms?: boolean | undefined
  /** Clicks and submits of elements with `data-tidemark-event`. @default true */
  attributes?: boolean | undefined
}

/** Mouse events have a button, others have none. */
interface ButtonEvent extends Event {
  button?: number
}

/** Endings of files that a browser downloads or opens in a viewer. */
const fileEnding =
  /\.(7z|apk|csv|dmg|docx?|epub|exe|gz|iso|mp[34]|msi|pdf|pkg|pptx?|rar|wav|xlsx?|zip)$/i

/**
 * Tracks clicks and submits:
 *
 * - `download` with the properties `url` and `file`, and `outbound` with `url`, without query and fragment;
 * - `form_submit` with the properties `form`, the id or the name of the form, and `action`, without query, and never
 *   with its fields;
 * - the event of the closest element with `data-tidemark-event`. `data-tidemark-event-plan="pro"` is its property
 *   `plan`, `data-tidemark-value="49"` its value.
 */
export function interactions(options: InteractionOptions = {}): Capture {
  const { outbound = true, downloads = true, forms = true, attributes = true } = options
  return ({ listen, record, track }) => {
    function handle(event: ButtonEvent): void {
      const [target] = event.composedPath()
      // A click of the right button opens a menu.
      if (!(target instanceof Element) || event.button === 2) return
      const isSubmit = event.type === 'submit'
      const declared = target.closest<HTMLElement>('[data-tidemark-event]')
      if (attributes && declared?.matches('form') === isSubmit) trackDeclared(declared)
      if (isSubmit) {
        // A field named `id` hides the property of the form, but not its attribute.
        const form = target.getAttribute('id') ?? target.getAttribute('name')
        const action = target.getAttribute('action')?.replace(/[?#].*/, '')
        if (forms) record('form_submit', { form, action })
        return
      }
      const link = target.closest<HTMLAnchorElement>('a[href]')
      // In an SVG, a link has no parts.
      if (!link || !/^https?:/.test(link.protocol)) return
      const url = link.origin + link.pathname
      if (fileEnding.test(url) || link.hasAttribute('download')) {
        if (downloads) record('download', { url, file: url.replace(/.*\//, '') })
      } else if (outbound && link.host !== location.host) record('outbound', { url })
    }

    function trackDeclared({ attributes: all, dataset }: HTMLElement): void {
      const properties: Record<string, string> = {}
      for (const { name, value } of all) {
        const [, property] = name.split('data-tidemark-event-')
        if (property) properties[property] = value
      }
      const value = Number.parseFloat(dataset['tidemarkValue'] ?? '')
      track(dataset['tidemarkEvent'], properties, { value })
    }

    // The middle button opens a tab and fires no `click`.
    for (const type of ['click', 'auxclick', 'submit']) listen(document, type, handle)
  }
}
