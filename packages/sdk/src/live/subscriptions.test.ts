import { type ChannelName, channelNames, selectionQuery } from '@tidemark/protocol'
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

  it('selects the properties of all subscribers, each once', async () => {
    const { subscriptions } = createRecorded()
    const [plan, size] = [
      { event: 'purchase', property: 'plan' },
      { event: 'purchase', property: 'size' },
    ]
    subscriptions.subscribe(['properties'], listener, { properties: [size, plan] })
    subscriptions.subscribe(['properties', 'pageVisitors'], listener, {
      properties: [{ ...plan }],
      paths: ['/'],
    })
    await Promise.resolve()
    expect(subscriptions.selection).toMatchObject({ paths: ['/'], properties: [plan, size] })
  })

  it('leaves out properties beyond the number and the length of one selection', async () => {
    const { subscriptions } = createRecorded()
    const long = { event: '\u6d77'.repeat(200), property: '\u6d77'.repeat(100) }
    const longer = { ...long, property: '\u6d77'.repeat(99) }
    const short = Array.from({ length: 20 }, (_, index) => ({ event: 'a', property: `${index}` }))
    subscriptions.subscribe(['properties'], listener, { properties: [long, longer, ...short] })
    await Promise.resolve()
    const { properties } = subscriptions.selection
    expect(properties).toHaveLength(19)
    expect(properties).toContainEqual(long)
    expect(properties).not.toContainEqual(longer)
  })

  it.each([
    [['properties'], {}, "the channel 'properties' needs a property, and a property this channel."],
    [['goals'], { properties: [{ event: 'a', property: 'b' }] }, 'needs a property'],
    [
      ['properties'],
      { properties: [{ event: 'a', property: '' }] },
      `{"event":"a","property":""} names no property; for example { event: 'purchase', property: 'plan' }.`,
    ],
    [['properties'], { properties: [{ event: 'a'.repeat(201), property: 'b' }] }, 'no property'],
  ] as const)('throws for %j with %j', (channels, options, message) => {
    const { subscriptions, onFirst } = createRecorded()
    const subscribe = (): unknown => subscriptions.subscribe(channels, listener, options)
    expect(subscribe).toThrow(TypeError)
    expect(subscribe).toThrow(message)
    expect(onFirst).not.toHaveBeenCalled()
  })

  it('selects names with lone surrogates, which no URL can have, as the server counts them', async () => {
    const { subscriptions } = createRecorded()
    const properties = [{ event: 'a\ud800', property: 'b' }]
    subscriptions.subscribe(['properties'], listener, { properties })
    await Promise.resolve()
    expect(subscriptions.selection.properties).toEqual([{ event: 'a\ufffd', property: 'b' }])
    expect(() => selectionQuery(subscriptions.selection)).not.toThrow()
  })
})
