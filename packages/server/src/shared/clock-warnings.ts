import { ServerWarning } from './server-warning.ts'

/** Creates the warning of a jump of the machine's clock. @param byMs negative for a jump back */
export function createJumpWarning(byMs: number): ServerWarning {
  const size = describeMs(Math.abs(byMs))
  return new ServerWarning(
    byMs > 0
      ? `The system clock jumped forward by ${size}, or the machine was suspended for that time. The server follows.`
      : `The system clock jumped back by ${size}. Server time does not go back: it runs at nine tenths of its speed ` +
          'until the clock has caught up, and event times are ahead until then.',
    'clock_jump',
    { byMs },
  )
}

/** Creates the warning of stored data from a time that has not come yet. @param byMs time until it comes */
export function createFutureDataWarning(byMs: number): ServerWarning {
  return new ServerWarning(
    `The stored data is ${describeMs(byMs)} ahead of the system clock. The server continues from the time of the data, ` +
      'at nine tenths of its speed until the clock has caught up. Check the system clock.',
    'data_ahead',
    { byMs },
  )
}

/** Describes a duration of more than a minute, in minutes, hours or days. */
function describeMs(ms: number): string {
  const minutes = Math.round(ms / 60_000)
  if (minutes < 120) return `${minutes} minutes`
  const hours = Math.round(minutes / 60)
  return hours < 48 ? `${hours} hours` : `${Math.round(hours / 24)} days`
}
