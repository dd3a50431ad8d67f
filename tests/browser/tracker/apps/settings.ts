declare global {
  /** Options of the tracker. The page defines them before its app. */
  var settings: { siteId: string; baseUrl: string; heartbeatIntervalMs: number }
}

/** Returns the options of the page. */
export function readSettings(): typeof settings {
  return settings
}
