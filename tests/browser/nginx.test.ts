import { describe } from 'vitest'
import { openChromium } from './browsers.ts'
import { describeBehindNginx } from './dashboard-behind-nginx.ts'

describe('Dashboard in Chromium', () => {
  describeBehindNginx(openChromium, false)
})
