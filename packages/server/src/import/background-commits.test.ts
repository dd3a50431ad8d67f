import { expect, it } from 'vitest'
import { createBackgroundCommits } from './background-commits.ts'

/** Creates commits that the test completes one by one. */
function setUp() {
  const pending: PromiseWithResolvers<void>[] = []
  const commits = createBackgroundCommits(() => {
    const deferred = Promise.withResolvers<void>()
    pending.push(deferred)
    return deferred.promise
  })
  return { pending, commits }
}

it('createBackgroundCommits: starts a commit without waiting for it, and the next one after it', async () => {
  const { pending, commits } = setUp()
  await commits.start()
  const second = commits.start()
  await Promise.resolve()
  expect(pending).toHaveLength(1)
  pending[0]?.resolve()
  await second
  expect(pending).toHaveLength(2)
})

it('createBackgroundCommits: reports a failed commit at the next start', async () => {
  const { pending, commits } = setUp()
  await commits.start()
  pending[0]?.reject(new Error('the disk is full'))
  await expect(commits.start()).rejects.toThrow('the disk is full')
  expect(pending).toHaveLength(1)
})

it('createBackgroundCommits: commits again after a failure when it finishes', async () => {
  const { pending, commits } = setUp()
  await commits.start()
  pending[0]?.reject(new Error('the disk is full'))
  const finished = commits.finish()
  await expect.poll(() => pending.length).toBe(2)
  pending[1]?.resolve()
  await finished
})
