/**
 * The same function, which does its work again only when it is asked for something else than before: the
 * events of a batch are mostly of one visitor, from one page, by one referrer. Texts that are one and the
 * same string are told to be so without a look at their characters.
 */
export function memoizeLast<Argument, Result>(
  work: (argument: Argument) => Result,
): (argument: Argument) => Result {
  let last: { argument: Argument; result: Result } | undefined
  return argument => {
    if (last?.argument === argument) return last.result
    const result = work(argument)
    last = { argument, result }
    return result
  }
}
