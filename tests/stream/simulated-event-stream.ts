/** The network's control over a streamed answer. */
export interface SimulatedStream {
  /** Breaks the stream at both ends. */
  disconnect(): void
  /** Stops delivering chunks, without ending the stream. */
  silence(): void
  /** Drops the next chunks of the server. */
  dropMessages(count: number): void
}

export interface StreamNetwork {
  latencyMs(): number
  onEnd(stream: SimulatedStream): void
}

/** Carries the body of an answer chunk by chunk over a simulated network. */
export function simulateStream(
  answer: Response,
  signal: AbortSignal | undefined,
  network: StreamNetwork,
): { response: Response; stream: SimulatedStream } {
  const source = answer.body?.getReader()
  if (!source) throw new Error('simulateStream: the answer has no body.')
  let isSilent = false
  let hasEnded = false
  let chunksToDrop = 0
  let arrivesAt = 0
  let controller: ReadableStreamDefaultController<Uint8Array>

  /** Runs an action after the latency. Chunks arrive in order, even when the latency decreases. */
  function afterLatency(action: () => void): void {
    const now = Date.now()
    arrivesAt = Math.max(arrivesAt, now + network.latencyMs())
    setTimeout(() => {
      if (!hasEnded && !isSilent) action()
    }, arrivesAt - now)
  }

  function end(closeBody: () => void): void {
    if (hasEnded) return
    hasEnded = true
    closeBody()
    void source?.cancel().catch(() => undefined)
    network.onEnd(stream)
  }

  async function pump(): Promise<void> {
    for (;;) {
      const chunk = await source?.read()
      if (hasEnded || !chunk) return
      if (chunk.done) {
        afterLatency(() => end(() => controller.close()))
        return
      }
      if (chunksToDrop > 0) chunksToDrop--
      else afterLatency(() => controller.enqueue(chunk.value))
    }
  }

  const stream: SimulatedStream = {
    disconnect: () => end(() => controller.error(new TypeError('network error'))),
    silence() {
      isSilent = true
    },
    dropMessages(count) {
      chunksToDrop = count
    },
  }
  signal?.addEventListener('abort', () => end(() => controller.error(signal.reason)))
  const body = new ReadableStream<Uint8Array>({
    start(bodyController) {
      controller = bodyController
    },
    cancel: () => end(() => undefined),
  })
  void pump()
  return { response: new Response(body, { headers: answer.headers }), stream }
}
