/** Distance between the lines of a hatching, in CSS pixels. */
const spacingPx = 6

/**
 * Creates a hatching.
 * @param scale device pixels per CSS pixel
 * @param background color between the lines. @default transparent
 */
export function createHatch(
  context: CanvasRenderingContext2D,
  color: string,
  scale: number,
  background = 'transparent',
): CanvasPattern | string {
  const tile = context.canvas.ownerDocument.createElement('canvas')
  const size = Math.round(spacingPx * scale)
  tile.width = size
  tile.height = size
  const brush = tile.getContext('2d')
  if (!brush) return color
  brush.fillStyle = background
  brush.fillRect(0, 0, size, size)
  brush.strokeStyle = color
  brush.lineWidth = size / 4
  brush.beginPath()
  // Three lines, so that the tiles join at their corners.
  for (const shift of [-size, 0, size]) {
    brush.moveTo(shift - 1, size + 1)
    brush.lineTo(shift + size + 1, -1)
  }
  brush.stroke()
  const pattern = context.createPattern(tile, 'repeat')
  // The canvas has device pixels, but draws in CSS pixels.
  pattern?.setTransform({ a: 1 / scale, d: 1 / scale })
  return pattern ?? color
}

/** Creates a fill that fades from a color at the top to another one at the bottom. */
export function createFade(
  context: CanvasRenderingContext2D,
  heightPx: number,
  [top, bottom]: readonly [string, string],
): CanvasGradient | string {
  const gradient = context.createLinearGradient(0, 0, 0, heightPx)
  try {
    gradient.addColorStop(0, top)
    gradient.addColorStop(1, bottom)
    return gradient
  } catch {
    // An old browser does not know the color's syntax in a canvas.
    return 'transparent'
  }
}
