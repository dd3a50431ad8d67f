import { describe, expect, it } from 'vitest'
import { openChromium } from './browsers.ts'
import { describePageLifecycle } from './page-lifecycle.ts'

describe('Dashboard in Chromium: page life cycle', () => {
  const currentPage = describePageLifecycle(openChromium, false)

  it('is eligible for the back/forward cache, and continues after a return', async () => {
    const { dashboard, deployment, expectLive, trackWhileDisconnected } = currentPage()
    const { page } = dashboard
    await page.evaluate(() =>
      addEventListener('pageshow', ({ persisted }) => {
        document.documentElement.dataset['persisted'] = String(persisted)
      }),
    )
    await page.goto(`${deployment.nginx.url}/favicon.svg`)
    await trackWhileDisconnected()
    await page.goBack()
    await expectLive()
    expect(await page.evaluate(() => document.documentElement.dataset['persisted'])).toBe('true')
  })

  it('has no open connection while its tab is frozen, and catches up', async () => {
    const { dashboard, expectLive, trackWhileDisconnected, hide } = currentPage()
    const session = await dashboard.page.createCDPSession()
    const show = await hide()
    await session.send('Page.setWebLifecycleState', { state: 'frozen' })
    await trackWhileDisconnected()
    await session.send('Page.setWebLifecycleState', { state: 'active' })
    await show()
    await expectLive()
  })
})
