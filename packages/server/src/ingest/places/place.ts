/** Channels of known places. Any other host is a `Referral`. */
export type PlaceChannel = 'Search' | 'Social' | 'AI' | 'Email' | 'Paid' | 'Referral'

/** A place that visits come from: a service with all its hosts, apps and spellings. */
export interface Place {
  /** Name of its row: the host that opens the place in a browser. */
  readonly source: string
  readonly channel: PlaceChannel
}

/** A place that a `utm_source` names. */
export interface TaggedPlace extends Place {
  /** Whether the tag is of an ad, such as `facebook_ads`. */
  readonly isAd: boolean
}

/** A place with the names that mean it. */
export interface PlaceRow extends Place {
  /**
   * Hosts without `www.`. `*.` at the start stands for any subdomain, and `.*` at the end for `.com` and the domains of
   * countries, such as `.de` and `.co.uk`.
   */
  readonly hosts: readonly string[]
  /** Package names of Android apps, and numbers of iOS apps in Apple's store. */
  readonly apps: readonly string[]
  /**
   * Values of `utm_source` besides the hosts, in lower case and without spaces, hyphens and underscores. `ad:` stands
   * before those that mean ads. Each with `ads` at its end means ads as well.
   */
  readonly tags: readonly string[]
}

/**
 * Parses a table of places. Each line has the columns source, other hosts, apps and tags, separated by `|`; a column
 * has any number of words. An indented line continues the line before.
 * @throws {TypeError} for a line without a source or with too many columns
 */
export function toPlaces(channel: PlaceChannel, table: string): readonly PlaceRow[] {
  const lines = table.trim().replaceAll(/\n +/g, ' ').split('\n')
  return lines.map(line => {
    const [source = [], hosts = [], apps = [], tags = [], ...more] = line.split('|').map(toWords)
    const [name, ...others] = source
    if (name === undefined || others.length > 0 || more.length > 0) {
      throw new TypeError(`'${line}' is not a place; write source | hosts | apps | tags.`)
    }
    return { source: name, channel, hosts: [name, ...hosts], apps, tags }
  })
}

function toWords(column: string): string[] {
  return column.split(' ').filter(word => word !== '')
}
