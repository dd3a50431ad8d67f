import { describe, expect, it } from 'vitest'
import { openChromium } from './browsers.ts'
import { describePageLifecycle } from './page-lifecycle.ts'

describe('the dashboard in Chromium', () => {
  const life = describePageLifecycle(openChromium)

  it('lets the browser keep its page when it is left, and goes on with it', async () => {
    const { dashboard, deployment, expectLive, trackWhileDisconnected } = life()
    const { page } = dashboard
    await page.evaluate(() =>
      addEventListener('pageshow', ({ persisted }) => {
        document.documentElement.dataset['kept'] = String(persisted)
      }),
    )
    await page.goto(`${deployment.nginx.url}/favicon.svg`)
    await trackWhileDisconnected()
    await page.goBack()
    await expectLive()
    expect(await page.evaluate(() => document.documentElement.dataset['kept'])).toBe('true')
  })

  it('leaves nothing open while its tab is frozen, and catches up', async () => {
    const { dashboard, expectLive, trackWhileDisconnected, hide } = life()
    const session = await dashboard.page.createCDPSession()
    const show = await hide()
    await session.send('Page.setWebLifecycleState', { state: 'frozen' })
    await trackWhileDisconnected()
    await session.send('Page.setWebLifecycleState', { state: 'active' })
    await show()
    await expectLive()
  })
})
