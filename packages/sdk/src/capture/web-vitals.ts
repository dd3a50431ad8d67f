import { type Metric, onCLS, onFCP, onINP, onLCP, onTTFB } from 'web-vitals'
import type { Capture } from '../tracker/capture-context.ts'

/**
 * Tracks `web_vital` for LCP, INP, CLS, FCP and TTFB with the package `web-vitals`. The value is in milliseconds, for
 * CLS the score. Properties: `metric` and `rating` (`good`, `needs-improvement`, `poor`).
 */
export function webVitals(): Capture {
  return ({ record }) => {
    const report = ({ name, value, rating }: Metric): void =>
      record('web_vital', { metric: name, rating }, Math.round(value * 10_000) / 10_000)
    for (const measure of [onLCP, onINP, onCLS, onFCP, onTTFB]) measure(report)
  }
}
