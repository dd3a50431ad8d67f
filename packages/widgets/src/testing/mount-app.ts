import { type VueWrapper, mount } from '@vue/test-utils'
import { type Pinia, createPinia } from 'pinia'
import { afterEach, beforeEach, vi } from 'vitest'
import {
  type Component,
  type ComponentInternalInstance,
  type VNodeChild,
  defineComponent,
  h,
} from 'vue'
import { useTidemarkStore } from '../store/useTidemarkStore.ts'
import { type FakeClients, createFakeClients } from './fake-clients.ts'

export interface MountedApp {
  readonly clients: FakeClients
  readonly pinia: Pinia
  readonly wrapper: VueWrapper
  /** How often each component was drawn again after its first time, by name. */
  readonly redraws: ReadonlyMap<string, number>
}

export interface MountOptions {
  pinia?: Pinia
  clients?: FakeClients
}

const mounted = new Set<VueWrapper>()

/** Before each test of a file a clock that stands still, and after it nothing that is still mounted. */
export function useFakePage(now?: number): void {
  beforeEach(() => void vi.useFakeTimers(now === undefined ? {} : { now }))
  afterEach(() => {
    for (const wrapper of mounted) wrapper.unmount()
    mounted.clear()
    vi.useRealTimers()
  })
}

/** Mounts what a template function draws in an app with a Pinia whose connections are scripted. */
export function mountApp(draw: () => VNodeChild, options: MountOptions = {}): MountedApp {
  const { pinia = createPinia(), clients = createFakeClients() } = options
  useTidemarkStore(pinia).registry.setClientFactory(clients.create)
  const redraws = new Map<string, number>()
  const countRedraws: Component = {
    updated() {
      const name = widgetName(this.$)
      redraws.set(name, (redraws.get(name) ?? 0) + 1)
    },
  }
  const App = defineComponent({ name: 'App', render: () => h('main', [draw()]) })
  const wrapper = mount(App, {
    attachTo: document.body,
    global: {
      plugins: [pinia],
      mixins: [countRedraws],
      // The real one: what it does to a list is part of what is tested.
      stubs: { 'transition-group': false },
    },
  })
  mounted.add(wrapper)
  return { clients, pinia, wrapper, redraws }
}

/** Vue draws what stands in a card's slot as a part of the card; it is the widget's all the same. */
function widgetName({ type, parent }: ComponentInternalInstance): string {
  const name = type.__name ?? type.name ?? ''
  return name === 'WidgetCard' && parent ? widgetName(parent) : name
}

/** A frame of the page, and what Vue draws after it. */
export async function nextFrame(): Promise<void> {
  await vi.advanceTimersByTimeAsync(17)
}
