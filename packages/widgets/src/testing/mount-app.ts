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
import { lingerMs } from '../store/linger.ts'
import { useTidemarkStore } from '../store/useTidemarkStore.ts'
import { type FakeClients, createFakeClients } from './fake-clients.ts'

export interface MountedApp {
  readonly clients: FakeClients
  readonly pinia: Pinia
  readonly wrapper: VueWrapper
  /** Number of re-renders after the first render, by component name. */
  readonly rerenders: ReadonlyMap<string, number>
}

export interface MountOptions {
  pinia?: Pinia
  clients?: FakeClients
}

const mounted = new Set<VueWrapper>()

/** Installs fake timers before each test, and unmounts all apps after it. */
export function useFakePage(now?: number): void {
  beforeEach(() => void vi.useFakeTimers(now === undefined ? {} : { now }))
  afterEach(() => {
    for (const wrapper of mounted) wrapper.unmount()
    mounted.clear()
    vi.useRealTimers()
  })
}

/** Mounts a render function in an app with a Pinia and fake live clients. */
export function mountApp(render: () => VNodeChild, options: MountOptions = {}): MountedApp {
  const { pinia = createPinia(), clients = createFakeClients() } = options
  useTidemarkStore(pinia).registry.setClientFactory(clients.create)
  const rerenders = new Map<string, number>()
  const countRerenders: Component = {
    updated() {
      const name = widgetName(this.$)
      rerenders.set(name, (rerenders.get(name) ?? 0) + 1)
    },
  }
  const App = defineComponent({ name: 'App', render: () => h('main', [render()]) })
  const wrapper = mount(App, {
    attachTo: document.body,
    global: {
      plugins: [pinia],
      mixins: [countRerenders],
      // The real component: the tests check its effect on lists.
      stubs: { 'transition-group': false },
    },
  })
  mounted.add(wrapper)
  return { clients, pinia, wrapper, rerenders }
}

/** Vue renders a slot as part of the component that has it; this counts it for the widget. */
function widgetName({ type, parent }: ComponentInternalInstance): string {
  const name = type.__name ?? type.name ?? ''
  const isSlotOwner = name === 'WidgetCard' || name === 'TransitionGroup'
  return isSlotOwner && parent ? widgetName(parent) : name
}

/** Waits for an animation frame and Vue's render after it. */
export async function nextFrame(): Promise<void> {
  await vi.advanceTimersByTimeAsync(17)
}

/** Waits until connections without subscribers have closed. */
export async function unusedConnectionsClosed(): Promise<void> {
  await vi.advanceTimersByTimeAsync(lingerMs)
}
