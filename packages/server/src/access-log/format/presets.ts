import type { LogFormat } from './entry.ts'
import { toTemplate } from './format-string.ts'
import { caddyJson, traefikJson } from './json.ts'
import { type Template, createTemplateFormat } from './template.ts'
import { cloudfront, iis, w3c } from './w3c.ts'

const common = '%h %l %u %t "%r" %>s %b'
const combined = `${common} "%{Referer}i" "%{User-Agent}i"`

/** A format that changed from common to combined in one file is read, too. Later fields do not shift the others. */
const open: Partial<Template> = { mayEndAfter: 'bytes', mayHaveMore: true }

function preset(name: string, format: string, options: Partial<Template> = {}): LogFormat {
  return createTemplateFormat(name, { ...toTemplate(format), ...options })
}

/**
 * Formats with a name.
 *
 * - `common`, `combined`: Apache and nginx, https://httpd.apache.org/docs/2.4/logs.html#accesslog
 * - `vhost-combined`: Debian's Apache, with the name of the virtual host first, with or without a port
 * - `nginx-forwarded`: `main` of nginx's packaged nginx.conf, with `X-Forwarded-For` last
 * - `traefik-clf`, `traefik-json`: https://doc.traefik.io/traefik/observability/access-logs/
 * - `caddy-json`: https://caddyserver.com/docs/caddyfile/directives/log
 * - `iis`, `w3c`: https://www.w3.org/TR/WD-logfile.html
 * - `cloudfront`: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logs-reference.html
 * - `alb`: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-access-logs.html
 */
export const presets: readonly LogFormat[] = [
  preset('combined', combined, open),
  preset('common', common, { mayHaveMore: true }),
  preset('vhost-combined', `%v ${combined}`, open),
  preset('nginx-forwarded', `${combined} "%{X-Forwarded-For}i"`),
  preset('traefik-clf', `${combined} %{count}n "%{router}n" "%{server}n" %Dms`),
  traefikJson,
  caddyJson,
  iis,
  w3c,
  cloudfront,
  preset(
    'alb',
    '$type $time_iso8601 $elb $remote_addr $target $_1 $_2 $_3 $status $_4 $_5 $bytes_sent ' +
      '"$request" "$http_user_agent"',
    { mayHaveMore: true },
  ),
]

export const presetNames: readonly string[] = presets.map(({ name }) => name)

export function findPreset(name: string): LogFormat | undefined {
  return presets.find(each => each.name === name)
}
