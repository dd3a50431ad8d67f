import { type TestAPI, afterAll, beforeAll, test } from 'vitest'
import { installTimeoutMs } from '../../../scripts/program.ts'
import { type BrowserKind, type PersonBrowser, openPersonBrowser } from './person-browser.ts'
import { type Scene, type Tidemark, openScene, startTidemark } from './scene.ts'

/** Fixtures of a tracker test. */
export interface TrackerFixtures {
  /** The real server that counts. */
  tidemark: Tidemark
  person: PersonBrowser
  /** A site of this test alone. */
  scene: Scene
}

export type TrackerTest = TestAPI<TrackerFixtures>

/** Starts a browser and a server for the tests of a `describe` block. @returns its `it` */
export function createTrackerTest(kind: BrowserKind): TrackerTest {
  let browser: PersonBrowser
  let server: Tidemark

  beforeAll(async () => {
    ;[browser, server] = await Promise.all([openPersonBrowser(kind), startTidemark()])
  }, installTimeoutMs)
  afterAll(async () => {
    await browser?.close()
    await server?.close()
  })

  return test.extend<TrackerFixtures>({
    // oxlint-disable-next-line no-empty-pattern -- the form that Vitest requires
    tidemark: async ({}, use) => use(server),
    // oxlint-disable-next-line no-empty-pattern -- the form that Vitest requires
    person: async ({}, use) => use(browser),
    scene: async ({ person, tidemark }, use) => {
      const scene = await openScene(person, tidemark)
      await use(scene)
      await scene.close()
    },
  })
}
