import { afterEach, beforeEach, vi } from 'vitest'

/** A call of a drawing function, with the state that the tests look at. */
export interface DrawCall {
  readonly name: string
  readonly args: readonly unknown[]
  readonly fillStyle: unknown
  readonly strokeStyle: unknown
  readonly lineDash: readonly number[]
}

export interface FakeCanvas {
  /** Calls since the last `clear`, of all canvases. */
  readonly calls: readonly DrawCall[]
  clear(): void
}

/**
 * Gives canvases of happy-dom a context that records calls, and every element a size. Chart.js then draws as in a browser,
 * but to no pixels.
 */
export function useFakeCanvas(width = 600, height = 200): FakeCanvas {
  let calls: DrawCall[] = []
  const contexts = new WeakMap<HTMLCanvasElement, object>()

  beforeEach(() => {
    calls = []
    vi.spyOn(HTMLCanvasElement.prototype, 'getContext').mockImplementation(function (
      this: HTMLCanvasElement,
    ) {
      const context = contexts.get(this) ?? recorder(this, call => calls.push(call))
      contexts.set(this, context)
      return context as never
    })
    vi.spyOn(Element.prototype, 'getBoundingClientRect').mockReturnValue(
      new DOMRect(0, 0, width, height),
    )
  })
  afterEach(() => vi.restoreAllMocks())
  return {
    get calls() {
      return calls
    },
    clear: () => void (calls = []),
  }
}

function recorder(canvas: HTMLCanvasElement, onCall: (call: DrawCall) => void): object {
  const state: Record<string, unknown> = { canvas }
  let lineDash: readonly number[] = []
  // Chart.js recognizes gradients and patterns by their names.
  const gradient = { addColorStop: () => {}, [Symbol.toStringTag]: 'CanvasGradient' }
  const pattern = { setTransform: () => {}, [Symbol.toStringTag]: 'CanvasPattern' }
  const results: Record<string, unknown> = {
    measureText: { width: 10 },
    createLinearGradient: gradient,
    createPattern: pattern,
  }
  const call =
    (name: string) =>
    (...args: readonly unknown[]): unknown => {
      if (name === 'setLineDash' && Array.isArray(args[0])) lineDash = args[0]
      const { fillStyle, strokeStyle } = state
      onCall({ name, args, fillStyle, strokeStyle, lineDash })
      return results[name]
    }
  return new Proxy(state, {
    get: (target, name) =>
      typeof name === 'symbol'
        ? undefined
        : (target[name] ?? (isProperty(name) ? undefined : call(name))),
    set(target, name, value) {
      if (typeof name === 'string') target[name] = value
      return true
    },
  })
}

/** Whether a name is that of a property; all others are functions. */
function isProperty(name: string): boolean {
  return /Style$|^line(Width|Cap|Join|DashOffset)$|^shadow|^global|^font$|^text|^then$|^miterLimit$/.test(
    name,
  )
}
