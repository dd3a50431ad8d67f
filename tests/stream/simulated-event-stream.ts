/** An answer that goes on, seen from the network between its ends. */
export interface StreamPeer {
  /** Breaks it for both ends. */
  lose(): void
  /** Carries nothing any more, in either direction. */
  goSilent(): void
  /** Loses the next pieces of the server. */
  loseMessages(count: number): void
}

export interface StreamWorld {
  latencyMs(): number
  onEnd(peer: StreamPeer): void
}

/** Carries the body of an answer piece by piece, on a network that the test owns. */
export function carryStream(
  answer: Response,
  signal: AbortSignal | undefined,
  world: StreamWorld,
): { response: Response; peer: StreamPeer } {
  const source = answer.body?.getReader()
  if (!source) throw new Error('The answer has no body.')
  let isSilent = false
  let isOver = false
  let toLose = 0
  let arrivesAt = 0
  let controller: ReadableStreamDefaultController<Uint8Array>

  /** What was sent later never arrives earlier, even if the network is faster by then. */
  function later(act: () => void): void {
    const now = Date.now()
    arrivesAt = Math.max(arrivesAt, now + world.latencyMs())
    setTimeout(() => {
      if (!isOver && !isSilent) act()
    }, arrivesAt - now)
  }

  function finish(how: () => void): void {
    if (isOver) return
    isOver = true
    how()
    void source?.cancel().catch(() => undefined)
    world.onEnd(peer)
  }

  async function pump(): Promise<void> {
    for (;;) {
      const piece = await source?.read()
      if (isOver || !piece) return
      if (piece.done) {
        later(() => finish(() => controller.close()))
        return
      }
      if (toLose > 0) toLose--
      else later(() => controller.enqueue(piece.value))
    }
  }

  const peer: StreamPeer = {
    lose: () => finish(() => controller.error(new TypeError('network error'))),
    goSilent() {
      isSilent = true
    },
    loseMessages(count) {
      toLose = count
    },
  }
  signal?.addEventListener('abort', () => finish(() => controller.error(signal.reason)))
  const body = new ReadableStream<Uint8Array>({
    start(its) {
      controller = its
    },
    cancel: () => finish(() => undefined),
  })
  void pump()
  return { response: new Response(body, { headers: answer.headers }), peer }
}
