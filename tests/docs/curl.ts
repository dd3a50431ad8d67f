import type { Tidemark } from '@tidemark/server'

/** The `curl` commands of a code block, each with its continuation lines. */
export function curlCommands(block: string): string[] {
  return block.split(/\n(?=curl )/).filter(command => command.startsWith('curl '))
}

/**
 * Sends the request of a `curl` command to a server in this process.
 * @param variables values of the shell variables in the command, besides `$API`
 */
export async function runCurl(
  { fetch }: Pick<Tidemark, 'fetch'>,
  command: string,
  variables: Readonly<Record<string, string>> = {},
): Promise<Response> {
  const [, path = ''] = /"\$API([^"]*)"/.exec(command) ?? []
  const [, body] = / -d '([^]*)'/.exec(command) ?? []
  const [, header] = / -H "([^"]*)"/.exec(command) ?? []
  const [name = '', value = ''] =
    header
      ?.replaceAll(/\$(\w+)/g, (_, variable: string) => variables[variable] ?? '')
      .split(': ') ?? []
  const init: RequestInit = {
    ...(body !== undefined && { method: 'POST', body }),
    ...(header !== undefined && { headers: { [name]: value } }),
  }
  return await fetch(new Request(`http://localhost/api${path}`, init))
}
