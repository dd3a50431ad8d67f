import { describe } from 'vitest'
import { openChromium } from './browsers.ts'
import { describeBehindNginx } from './dashboard-behind-nginx.ts'
import { describePageLifecycle } from './page-lifecycle.ts'

describe('Dashboard in Chromium', () => {
  describeBehindNginx(openChromium, true)

  describe('page life cycle', () => void describePageLifecycle(openChromium, true))
})
