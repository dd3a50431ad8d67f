import { expect } from 'vitest'

/** Somebody who sends page views to a server, one by one, and knows how many of them it took. */
export interface PageViewSender {
  /** Sends the next page view, or the last one again when that was not taken. */
  send(): Promise<Response>
  readonly accepted: number
}

export function createPageViewSender(api: string, title?: string): PageViewSender {
  let accepted = 0
  return {
    async send() {
      const event = { name: 'page_view', n: accepted + 1, title }
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

/** The first answer that is not 202. */
export async function sendUntilRefused(sender: PageViewSender): Promise<Response> {
  const maxAccepted = 1000
  let answer = await sender.send()
  while (answer.status === 202 && sender.accepted < maxAccepted) answer = await sender.send()
  return answer
}

/** The page views of the last hour, which a server tells whether it can write or not. */
export async function countPageViews(api: string): Promise<number> {
  const answer = await fetch(`${api}/sites/shop/realtime?channels=pageViews&minutes=60`)
  expect(answer.status).toBe(200)
  return ((await answer.json()) as { pageViews: number }).pageViews
}

/** That the log cannot be written, and when to send the same again, which a page of another origin can read too. */
export async function expectUnavailable(answer: Response): Promise<void> {
  expect(answer.status).toBe(503)
  expect(Number(answer.headers.get('Retry-After'))).toBeGreaterThan(0)
  expect(answer.headers.get('Access-Control-Allow-Origin')).toBe('*')
  expect(await answer.json()).toMatchObject({ code: 'log_unavailable' })
}
