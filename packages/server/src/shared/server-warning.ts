/** A condition that the operator should know, while the server keeps working. Its message is one sentence or two. */
export class ServerWarning extends Error {
  override readonly name = 'ServerWarning'
}

/** Creates a function that reports a warning at its first call, and does nothing afterward. */
export function createWarning(report: (error: unknown) => void, message: string): () => void {
  let isReported = false
  return () => {
    if (isReported) return
    isReported = true
    report(new ServerWarning(message))
  }
}
