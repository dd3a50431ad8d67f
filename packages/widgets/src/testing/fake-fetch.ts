export interface FakeFetch {
  readonly fetch: typeof globalThis.fetch
  readonly requests: readonly { url: string; init: RequestInit | undefined }[]
}

/** Creates a `fetch` that returns the same response to each request, and records the requests. */
export function createFakeFetch(respond: () => Response): FakeFetch {
  const requests: { url: string; init: RequestInit | undefined }[] = []
  return {
    requests,
    async fetch(input, init) {
      requests.push({ url: new Request(input).url, init })
      return respond()
    },
  }
}
