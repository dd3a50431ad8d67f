import { type ChannelName, channelNames } from '@tidemark/protocol'
import { type Mock, describe, expect, it, vi } from 'vitest'
import { type SelectionChange, type Subscriptions, createSubscriptions } from './subscriptions.ts'

interface Recorded {
  readonly subscriptions: Subscriptions
  readonly changes: SelectionChange[]
  readonly onFirst: Mock<() => void>
  readonly onLast: Mock<() => void>
}

function createRecorded(): Recorded {
  const changes: SelectionChange[] = []
  const onFirst = vi.fn<() => void>()
  const onLast = vi.fn<() => void>()
  const subscriptions = createSubscriptions({
    minutes: 5,
    onFirst,
    onLast,
    onSelection: change => changes.push(change),
    onChange() {},
  })
  return { subscriptions, changes, onFirst, onLast }
}

const listener = (): void => {}

describe('createSubscriptions', () => {
  it('selects the channels of all subscribers once, in a microtask', async () => {
    const { subscriptions, changes, onFirst } = createRecorded()
    subscriptions.subscribe(['pageViews'], listener)
    subscriptions.subscribe(['currentVisitors', 'pageViews'], listener)
    expect(changes).toEqual([])

    await Promise.resolve()
    const selection = {
      channels: ['currentVisitors', 'pageViews'],
      minutes: 5,
      paths: [],
      properties: [],
    }
    expect(changes).toEqual([{ selection, hasChanged: true, isFirst: true }])
    expect(subscriptions.selection).toEqual(selection)
    expect(onFirst).toHaveBeenCalledOnce()
  })

  it('reports an unchanged selection', async () => {
    const { subscriptions, changes } = createRecorded()
    subscriptions.subscribe(['pageViews'], listener)
    await Promise.resolve()
    subscriptions.subscribe(['pageViews'], listener)
    await Promise.resolve()

    expect(changes[1]).toMatchObject({ hasChanged: false, isFirst: false })
  })

  it('retains the selection when the last subscriber leaves', async () => {
    const { subscriptions, changes, onLast } = createRecorded()
    const unsubscribe = subscriptions.subscribe(['pageViews'], listener)
    await Promise.resolve()
    unsubscribe()
    unsubscribe()
    await Promise.resolve()
    expect(onLast).toHaveBeenCalledOnce()
    expect(subscriptions.selection.channels).toEqual(['pageViews'])

    subscriptions.subscribe(['pageViews'], listener)
    await Promise.resolve()
    expect(changes[1]).toMatchObject({ hasChanged: false, isFirst: true })
  })

  it('throws for an unknown channel', () => {
    const { subscriptions, onFirst } = createRecorded()

    expect(() => subscriptions.subscribe(['visitors' as ChannelName], listener)).toThrow(
      new TypeError(`channels: 'visitors' is not one of ${channelNames.join(', ')}.`),
    )
    expect(onFirst).not.toHaveBeenCalled()
  })
})
