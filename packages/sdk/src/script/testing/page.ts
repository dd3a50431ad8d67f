import { vi } from 'vitest'

/** Requests of a page. */
export interface Sent {
  /** URL of each request. */
  readonly urls: string[]
  readonly events: { n?: number; name: string; url?: string; properties?: object; value?: number }[]
  names(): string[]
}

/** Records the requests of this page, and accepts all events. */
export function recordRequests(): Sent {
  const urls: string[] = []
  const events: Sent['events'] = []
  function receive(url: string, body: string): boolean {
    const batch: { events: Sent['events'] } = JSON.parse(body)
    urls.push(url)
    events.push(...batch.events)
    return true
  }
  Object.defineProperty(navigator, 'sendBeacon', { configurable: true, value: receive })
  vi.stubGlobal('fetch', (url: string, init: { body: string }) => {
    receive(url, init.body)
    return Promise.resolve(Response.json({ accepted: 1, rejected: [] }, { status: 202 }))
  })
  return { urls, events, names: () => events.map(({ name }) => name) }
}

/** Creates a script tag without adding it to the page. It sends no heartbeats and measures no engaged time. */
export function createTag(
  data: Record<string, string>,
  src = 'https://stats.example/tidemark.js',
): HTMLScriptElement {
  const script = document.createElement('script')
  script.type = 'text/plain'
  Object.defineProperty(script, 'src', { value: src })
  Object.assign(script.dataset, { heartbeatIntervalMs: '0', engagement: 'false', ...data })
  return script
}
