/** Lower bounds of the classes, in CSS pixels: the breakpoints of Bootstrap 5, and the width of Full HD. */
const bounds = [0, 576, 768, 992, 1200, 1400, 1920]

const classes: readonly string[] = bounds.map((from, index) => {
  const next = bounds[index + 1]
  return next === undefined ? `${from}+` : `${from}-${next - 1}`
})

/**
 * Returns the class of a screen by its width in CSS pixels, such as `1400-1919`.
 * @param screen valid size of a screen, such as `1440x900`
 */
export function toScreenClass(screen: string): string | undefined {
  const width = Number.parseInt(screen, 10)
  return classes[bounds.findLastIndex(from => width >= from)]
}
