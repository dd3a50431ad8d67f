/** A parser of text from outside. */
export interface FuzzTarget {
  /** Valid texts, which the fuzzer changes. */
  readonly valid: readonly string[]
  /**
   * Parses a text, and returns whether it is valid; `undefined` if no parser would get it. Rejects if the answer is
   * none that the protocol allows.
   */
  parse(text: string): Promise<boolean | undefined>
}
