export interface FakeFetch {
  readonly fetch: typeof globalThis.fetch
  readonly requests: readonly { url: string; init: RequestInit | undefined }[]
}

/** Creates a `fetch` that returns the same answer to each request, and records the requests. */
export function createFakeFetch(answer: () => Response): FakeFetch {
  const requests: { url: string; init: RequestInit | undefined }[] = []
  return {
    requests,
    async fetch(input, init) {
      requests.push({ url: new Request(input).url, init })
      return answer()
    },
  }
}
