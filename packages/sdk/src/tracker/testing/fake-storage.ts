/** Faults of a storage, which a test switches on and off. */
export interface StorageFaults {
  /** Reading `localStorage` throws, as when the visitor blocks cookies. */
  isBlocked?: boolean
  /** Writing throws, as with a full quota. */
  isFull?: boolean
  /** Each method throws. */
  isBroken?: boolean
}

/** A storage with its values as enumerable properties, as a browser has it: `Object.keys` lists the keys. */
export interface FakeStorage {
  readonly faults: StorageFaults
  /** Keys and values that were written, in order. */
  readonly writes: (readonly [key: string, value: string])[]
  /** Number of accesses, also of failed ones. */
  readonly attempts: number
  /** All keys, sorted. */
  keys(): string[]
  get(key: string): string | undefined
  set(key: string, value: string): void
  /** Deletes everything, as when the visitor deletes the data of a site. */
  wipe(): void
  /** Returns the storage as a page sees it. Throws when it is blocked. */
  open(): object
}

export function createFakeStorage(): FakeStorage {
  const faults: StorageFaults = {}
  const writes: (readonly [string, string])[] = []
  let attempts = 0

  function check(isFaulty: boolean | undefined): void {
    if (isFaulty || faults.isBroken) throw new DOMException('storage', 'QuotaExceededError')
  }

  const methods = {
    getItem(key: string): string | null {
      check(false)
      return storage.get(key) ?? null
    },
    setItem(key: string, value: string): void {
      check(faults.isFull)
      writes.push([key, value])
      storage.set(key, value)
    },
    removeItem(key: string): void {
      check(false)
      Reflect.deleteProperty(values, key)
    },
    key: (index: number): string | null => Object.keys(values)[index] ?? null,
  }
  const values: Record<string, string> = Object.create(methods)

  const storage: FakeStorage = {
    faults,
    writes,
    keys: () => Object.keys(values).toSorted(),
    get: key => (Object.hasOwn(values, key) ? values[key] : undefined),
    set: (key, value) => void (values[key] = value),
    wipe: () => Object.keys(values).forEach(key => Reflect.deleteProperty(values, key)),
    get attempts() {
      return attempts
    },
    open() {
      attempts += 1
      if (faults.isBlocked) throw new DOMException('storage', 'SecurityError')
      return values
    },
  }
  return storage
}
