import { parseObject } from './format/json.ts'

/** Text that a collector writes before each line of an access log. */
export interface Prefix {
  readonly name: string
  /** Returns the line without the prefix; `undefined` when the line does not have it. */
  strip(line: string): string | undefined
}

const month = '[A-Z][a-z]{2}'
const isoTime = '\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(?:\\.\\d+)?(?:Z|[+-]\\d\\d:?\\d\\d)'
const shortTime = `${month} [ \\d]\\d \\d\\d:\\d\\d:\\d\\d`

/** `HOST TAG[PID]: `. A tag is at most 48 characters; RFC 3164 allows 32. */
const hostAndTag = '[^ ]+ [^ :[\\]]{1,48}(?:\\[\\d+\\])?: '

/** Structured data of RFC 5424: `-` or `[id name="value"]`. */
const structured = '(?:-|(?:\\[(?:[^"\\]]|"(?:[^"\\\\]|\\\\.)*")*\\])+)'

/**
 * Collectors:
 *
 * - `syslog`: RFC 3164 (`<190>Mar 12 09:15:02 web nginx: `), also without the priority and with a time of RFC 3339 as
 *   rsyslog writes files; RFC 5424 (`<190>1 2026-03-12T09:15:02Z web nginx 77 - - `); and journald's formats `short`
 *   and `short-iso`, which look the same.
 * - `cri`: Kubernetes' container runtimes, `2026-03-12T09:15:02.123456789Z stdout F `. A partial line (`P`) has no end
 *   and does not parse.
 * - `docker-compose`: `web-1  | `, with colors, and with the times of `--timestamps`.
 * - `docker-json`: Docker's json-file driver, `{"log":"…\n","stream":"stdout","time":"…"}`.
 */
export const prefixes: readonly Prefix[] = [
  pattern(
    'syslog',
    `(?:<\\d{1,3}>)?(?:${shortTime}|${isoTime}) ${hostAndTag}|<\\d{1,3}>1 ${isoTime} [^ ]+ [^ ]+ [^ ]+ [^ ]+ ${structured} (?:\\uFEFF)?`,
  ),
  pattern('cri', `${isoTime} (?:stdout|stderr) F `),
  pattern(
    'docker-compose',
    `(?:\\u001b\\[[\\d;]*m)*[A-Za-z0-9][\\w.-]* *(?:\\u001b\\[[\\d;]*m)*\\| (?:\\u001b\\[[\\d;]*m)*(?:${isoTime} )?`,
  ),
  {
    name: 'docker-json',
    strip(line) {
      const log = parseObject(line)?.['log']
      return typeof log === 'string' ? log.replace(/\r?\n$/, '') : undefined
    },
  },
]

export const prefixNames: readonly string[] = prefixes.map(({ name }) => name)

function pattern(name: string, source: string): Prefix {
  const regex = new RegExp(`^(?:${source})`)
  return {
    name,
    strip(line) {
      const match = regex.exec(line)
      return match ? line.slice(match[0].length) : undefined
    },
  }
}
