import { expect } from 'vitest'

/** Sends page views to a server one by one, and counts the accepted ones. */
export interface PageViewSender {
  /** Sends the next page view, or repeats the last one if the server did not accept it. */
  send(): Promise<Response>
  readonly accepted: number
}

export function createPageViewSender(api: string, title?: string): PageViewSender {
  let accepted = 0
  return {
    async send() {
      const event = { name: 'page_view', visitorId: 'v', n: accepted + 1, title }
      const body = JSON.stringify({ client: 'c', events: [event] })
      const answer = await fetch(`${api}/sites/shop/events`, { method: 'POST', body })
      if (answer.status === 202) accepted++
      return answer
    },
    get accepted() {
      return accepted
    },
  }
}

/** Sends page views until an answer is not 202. @returns that answer, or the 1,000th one */
export async function sendUntilRefused(sender: PageViewSender): Promise<Response> {
  const maxAccepted = 1000
  let answer = await sender.send()
  while (answer.status === 202 && sender.accepted < maxAccepted) answer = await sender.send()
  return answer
}

/** Reads the page views of the last hour. The server answers even when it cannot write. */
export async function countPageViews(api: string): Promise<number> {
  const answer = await fetch(`${api}/sites/shop/realtime?channels=pageViews&minutes=60`)
  expect(answer.status).toBe(200)
  return ((await answer.json()) as { pageViews: number }).pageViews
}

/** Expects a `log_unavailable` problem with Retry-After that other origins can read. */
export async function expectUnavailable(answer: Response): Promise<void> {
  expect(answer.status).toBe(503)
  expect(Number(answer.headers.get('Retry-After'))).toBeGreaterThan(0)
  expect(answer.headers.get('Access-Control-Allow-Origin')).toBe('*')
  expect(await answer.json()).toMatchObject({ code: 'log_unavailable' })
}
