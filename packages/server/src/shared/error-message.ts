/** Returns the message of a thrown value, or its code or name when the message is empty. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  // When every address of a host refuses the connection, Node's AggregateError has a code and no message.
  return error.message || ('code' in error ? String(error.code) : error.name)
}
