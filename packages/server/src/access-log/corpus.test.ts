import { describe, expect, it } from 'vitest'
import type { LineError, LogEntry } from './format/entry.ts'
import { compileFormat } from './format/format-string.ts'
import { findPreset } from './format/presets.ts'
import { createLogParser } from './log-parser.ts'
import type { Line } from './read-lines.ts'
import { recognizeFormat } from './recognize.ts'

/**
 * Lines of access logs with their right values. The values follow from the documentation of the format, which `source`
 * names; an example of the documentation is marked with `documented`.
 */

interface Expected {
  client?: string | undefined
  at?: string
  host?: string | undefined
  request?: string | undefined
  status?: number
  bytes?: number | undefined
  referrer?: string | undefined
  agent?: string | undefined
  /** Whether an absent referrer means a direct visit. */
  hasReferrer?: boolean
  error?: LineError | 'directive'
}

interface Format {
  name: string
  source: string
  /** Preset or format string. @default the recognized one */
  declared?: string
  /** Name of the format that the first lines show. @default not recognized */
  recognized?: string
  prefix?: string
  trustedProxies?: readonly string[]
  lines: readonly (readonly [text: string, expected: Expected, reason?: string])[]
}

const chrome =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36'
const time = '[12/Mar/2026:09:15:02 +0000]'
const at = '2026-03-12T09:15:02Z'
const get = `${time} "GET / HTTP/1.1" 200 5120`
const tail = `"https://news.example/" "${chrome}"`
const view: Expected = { at, request: 'GET /', status: 200, bytes: 5120 }
const full: Expected = { ...view, referrer: 'https://news.example/', agent: chrome }
const directive: Expected = { error: 'directive' }

const apache = 'https://httpd.apache.org/docs/2.4/logs.html#accesslog'
const apacheConfig = 'https://httpd.apache.org/docs/2.4/mod/mod_log_config.html'
const nginxLog = 'https://nginx.org/en/docs/http/ngx_http_log_module.html'
const rfc5952 = 'https://www.rfc-editor.org/rfc/rfc5952'

const formats: readonly Format[] = [
  {
    name: 'Common Log Format',
    source: apache,
    recognized: 'common',
    lines: [
      [
        '127.0.0.1 - frank [10/Oct/2000:13:55:36 -0700] "GET /apache_pb.gif HTTP/1.0" 200 2326',
        {
          client: '127.0.0.1',
          at: '2000-10-10T20:55:36Z',
          request: 'GET /apache_pb.gif',
          ...{ status: 200, bytes: 2326, hasReferrer: false },
        },
        'documented',
      ],
      [`2001:db8::7 - - ${time} "HEAD /a HTTP/1.1" 304 -`, { status: 304, bytes: undefined }],
      [`192.0.2.7 - john doe ${get}`, { client: '192.0.2.7', ...view }, 'a user with a space'],
    ],
  },
  {
    name: 'Combined Log Format',
    source: apache,
    recognized: 'combined',
    lines: [
      [
        '127.0.0.1 - frank [10/Oct/2000:13:55:36 -0700] "GET /apache_pb.gif HTTP/1.0" 200 2326 "http://www.example.com/start.html" "Mozilla/4.08 [en] (Win98; I ;Nav)"',
        {
          client: '127.0.0.1',
          at: '2000-10-10T20:55:36Z',
          referrer: 'http://www.example.com/start.html',
          agent: 'Mozilla/4.08 [en] (Win98; I ;Nav)',
        },
        'documented',
      ],
      [
        `192.0.2.7 - - ${get} "-" "-"`,
        { ...view, referrer: undefined, agent: undefined, hasReferrer: true },
      ],
      [
        String.raw`192.0.2.7 - - ${time} "\x16\x03\x01\x02" 400 226 "-" "-"`,
        { request: undefined, status: 400 },
        'a TLS handshake is not HTTP, but the line is valid',
      ],
      [
        String.raw`192.0.2.7 - - ${get} "-" "say \"hi\" \\ caf\xc3\xa9"`,
        { agent: String.raw`say "hi" \ café` },
      ],
      [
        `- - - ${get} ${tail}`,
        { client: undefined, ...full },
        'a client that the server does not know',
      ],
      [
        `${'\0'.repeat(40)}192.0.2.7 - - ${get} ${tail}`,
        { error: 'nul_bytes' },
        'copytruncate while the server writes',
      ],
      [`192.0.2.7 - - ${get} 0.013 ${tail}`, { error: 'status_invalid' }, 'another format'],
      ['\u0080\u0001\ufffd\u0002', { error: 'head_invalid' }, 'garbage'],
      [`192.0.2.7 - - ${get} "-" "Mozilla/5.0 (cut`, { error: 'tail_invalid' }, 'a truncated line'],
    ],
  },
  {
    name: 'Combined Log Format with ports',
    source:
      'https://github.com/allinurl/goaccess/issues/1760; https://github.com/allinurl/goaccess/issues/2557',
    recognized: 'combined',
    lines: [
      [`5.0.0.7:42918 - - ${get} ${tail}`, { client: '5.0.0.7', ...full }],
      [`[2a00:1450::7]:42918 - - ${get} ${tail}`, { client: '2a00:1450::7', ...full }],
      [`[2a00:1450::7] - - ${get} ${tail}`, { client: '2a00:1450::7', ...full }],
      [`2A00:1450:0:0:0:0:0:7 - - ${get} ${tail}`, { client: '2a00:1450::7' }, rfc5952],
      [`::ffff:5.0.0.7 - - ${get} ${tail}`, { client: '5.0.0.7' }, 'RFC 4291, 2.5.5.2'],
      [`::ffff:500:7 - - ${get} ${tail}`, { client: '5.0.0.7' }, 'RFC 4291, 2.5.5.2'],
      [
        `fe80::1%eth0 - - ${get} ${tail}`,
        { client: 'fe80::1' },
        'RFC 4007, 11: a zone is of the machine; allinurl/goaccess#2551',
      ],
    ],
  },
  {
    name: "Debian's vhost_combined",
    source: 'https://sources.debian.org/src/apache2/2.4.62-1/debian/config-dir/apache2.conf.in/',
    recognized: 'vhost-combined',
    lines: [
      [
        `Shop.example:443 5.0.0.7 - - ${get} ${tail}`,
        { client: '5.0.0.7', host: 'shop.example', ...full },
      ],
      [
        `blog.example:80 2001:db8::7 - ann ${get} ${tail}`,
        { client: '2001:db8::7', host: 'blog.example', ...full },
      ],
    ],
  },
  {
    name: 'A host without port first',
    source: 'https://github.com/allinurl/goaccess/issues/2973',
    recognized: 'vhost-combined',
    lines: [
      [
        `shop.example 5.0.0.7 - - ${get} ${tail}`,
        { client: '5.0.0.7', host: 'shop.example', ...full },
      ],
    ],
  },
  {
    name: "nginx's packaged configuration",
    source: 'https://github.com/nginx/pkg-oss/blob/master/alpine/alpine/nginx.conf',
    recognized: 'nginx-forwarded',
    lines: [
      [`10.0.0.2 - - ${get} ${tail} "203.0.113.9"`, { client: '203.0.113.9', ...full }],
      [`203.0.113.8 - - ${get} ${tail} "-"`, { client: '203.0.113.8', ...full }, 'not forwarded'],
      [
        `10.0.0.2 - - ${get} ${tail} "198.51.100.1, 203.0.113.9, 10.0.0.5"`,
        { client: '203.0.113.9' },
        'the last public address',
      ],
      [`10.0.0.2 - - ${get} ${tail} "203.0.113.9:4711"`, { client: '203.0.113.9' }],
      [`203.0.113.8 - - ${get} ${tail} "unknown"`, { client: '203.0.113.8' }],
    ],
  },
  {
    name: 'nginx-forwarded behind trusted proxies',
    source: 'https://nginx.org/en/docs/http/ngx_http_realip_module.html#real_ip_recursive',
    declared: 'nginx-forwarded',
    trustedProxies: ['10.0.0.0/8', '198.51.100.0/24'],
    lines: [
      [`10.0.0.2 - - ${get} ${tail} "203.0.113.9, 198.51.100.1"`, { client: '203.0.113.9' }],
      [
        `203.0.113.8 - - ${get} ${tail} "203.0.113.9"`,
        { client: '203.0.113.8' },
        'the connection is not a proxy',
      ],
      [`10.0.0.2 - - ${get} ${tail} "-"`, { client: '10.0.0.2' }],
    ],
  },
  {
    name: '$request_time before the referrer',
    source: 'https://github.com/allinurl/goaccess/issues/246',
    recognized:
      '$remote_addr $_ $remote_user [$time_local] "$request" $status $body_bytes_sent $_ "$http_referer" "$http_user_agent"',
    lines: [
      [`198.51.100.7 - - ${get} 0.013 ${tail}`, { client: '198.51.100.7', ...full }],
      [`198.51.100.7 - - ${get} ${tail}`, { error: 'tail_invalid' }, 'a line without the field'],
    ],
  },
  {
    name: "nginx's example of a compression log",
    source: `${nginxLog}#log_format`,
    declared: `log_format compression '$remote_addr - $remote_user [$time_local] '
                       '"$request" $status $bytes_sent '
                       '"$http_referer" "$http_user_agent" "$gzip_ratio"';`,
    lines: [
      [`192.0.2.7 - - ${get} ${tail} "3.21"`, { client: '192.0.2.7', ...full }],
      [`192.0.2.7 - - ${get} ${tail} "3.21" 0.1`, { error: 'tail_invalid' }, 'one field more'],
    ],
  },
  {
    name: 'JSON by nginx',
    source: `${nginxLog}#log_format`,
    declared: `log_format json escape=json '{"time":"$time_iso8601","ip":"$remote_addr","host":"$http_host",'
      '"method":"$request_method","uri":"$request_uri","status":$status,"ref":"$http_referer","ua":"$http_user_agent"}';`,
    lines: [
      [
        String.raw`{"time":"2026-03-12T10:15:02+01:00","ip":"2001:db8::7","host":"Shop.example:8443","method":"GET","uri":"/a?b=c","status":200,"ref":"https:\/\/news.example\/","ua":"say \"hi\" \u00e9"}`,
        {
          client: '2001:db8::7',
          at,
          host: 'shop.example',
          request: 'GET /a?b=c',
          status: 200,
          referrer: 'https://news.example/',
          agent: 'say "hi" é',
        },
      ],
      ['{"time":"2026-03-12T10:15:02+01:00","ip":"', { error: 'tail_invalid' }, 'a truncated line'],
      [
        '{"time":"yesterday","ip":"192.0.2.7","host":"","method":"GET","uri":"/","status":200,"ref":"","ua":""}',
        { error: 'time_invalid' },
      ],
    ],
  },
  {
    name: 'nginx with parts of the request',
    source: 'https://nginx.org/en/docs/http/ngx_http_core_module.html#variables',
    declared:
      '$msec $host $remote_addr $request_method $uri$is_args$args $status "$http_user_agent"',
    lines: [
      [
        `1773306902.123 shop.example 192.0.2.7 GET /a?b=c 200 "${chrome}"`,
        {
          at: '2026-03-12T09:15:02.123Z',
          host: 'shop.example',
          request: 'GET /a?b=c',
          agent: chrome,
          hasReferrer: false,
        },
      ],
      [
        `1773306902.000 shop.example unix: GET /a 200 "${chrome}"`,
        { client: undefined, request: 'GET /a' },
        'a Unix socket has no address',
      ],
    ],
  },
  {
    name: 'ingress-nginx',
    source: 'https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/log-format/',
    recognized: 'combined',
    lines: [
      [
        `203.0.113.7 - - ${get} ${tail} 512 0.012 [default-web-80] [] 10.1.0.5:8080 5120 0.011 200 b9be5d8e4c0f`,
        { client: '203.0.113.7', ...full },
      ],
    ],
  },
  {
    name: 'lighttpd',
    source: 'https://redmine.lighttpd.net/projects/lighttpd/wiki/Mod_accesslog',
    recognized:
      '$remote_addr $server_name $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent"',
    lines: [
      [
        `5.0.0.7 shop.example - ${get} ${tail}`,
        { client: '5.0.0.7', host: 'shop.example', ...full },
      ],
    ],
  },
  {
    name: 'Apache with forwarded addresses first',
    source: `${apacheConfig}#formats`,
    declared: String.raw`LogFormat "%{X-Forwarded-For}i %l %u %t \"%r\" %>s %b \"%{Referer}i\" \"%{User-agent}i\"" proxied`,
    lines: [
      [`203.0.113.9, 10.0.0.2 - - ${get} ${tail}`, { client: '203.0.113.9', ...full }],
      [`203.0.113.9 - - ${get} ${tail}`, { client: '203.0.113.9', ...full }],
      [`- - - ${get} ${tail}`, { client: undefined, ...full }],
    ],
  },
  {
    name: "Apache with its own time and the request's parts",
    source: `${apacheConfig}#formats`,
    declared: '%V %{c}a %{%d/%b/%Y %T}t.%{msec_frac}t %{%z}t "%m %U%q %H" %>s %B %D',
    lines: [
      [
        'Shop.example 192.0.2.7 12/Mar/2026 10:15:02.345 +0100 "GET /a?b=c HTTP/2.0" 200 17 5021',
        {
          client: '192.0.2.7',
          at,
          host: 'shop.example',
          request: 'GET /a?b=c',
          status: 200,
          bytes: 17,
          hasReferrer: false,
        },
      ],
    ],
  },
  {
    name: 'Apache with time since 1970',
    source: `${apacheConfig}#formats`,
    declared: '%{usec}t %a "%r" %>s',
    lines: [
      ['1773306902123456 192.0.2.7 "GET / HTTP/1.1" 200', { at: '2026-03-12T09:15:02.123Z' }],
    ],
  },
  {
    name: 'Forwarded',
    source: 'https://www.rfc-editor.org/rfc/rfc7239#section-4',
    declared: '%a %t "%r" %>s "%{Forwarded}i"',
    lines: [
      [
        `10.0.0.2 ${time} "GET / HTTP/1.1" 200 "for=192.0.2.60;proto=http;by=203.0.113.43"`,
        { client: '192.0.2.60' },
        'documented',
      ],
      [
        String.raw`10.0.0.2 ${time} "GET / HTTP/1.1" 200 "For=\"[2001:db8:cafe::17]:4711\""`,
        { client: '2001:db8:cafe::17' },
        'documented',
      ],
      [
        `10.0.0.2 ${time} "GET / HTTP/1.1" 200 "for=192.0.2.43, for=198.51.100.17"`,
        { client: '198.51.100.17' },
        'documented; the last hop',
      ],
    ],
  },
  {
    name: 'Traefik, common log',
    source: 'https://doc.traefik.io/traefik/observability/access-logs/#format',
    recognized: 'traefik-clf',
    lines: [
      [
        `203.0.113.7 - - ${get} ${tail} 17 "web@docker" "http://172.18.0.3:80" 12ms`,
        { client: '203.0.113.7', ...full },
      ],
      [
        `203.0.113.7 - - ${time} "GET / HTTP/2.0" 404 19 "-" "-" 18 "-" "-" 0ms`,
        { status: 404, agent: undefined },
      ],
    ],
  },
  {
    name: 'Traefik, JSON',
    source:
      'https://doc.traefik.io/traefik/observability/access-logs/#limiting-the-fieldsincluding-headers',
    recognized: 'traefik-json',
    lines: [
      [
        `{"ClientAddr":"203.0.113.7:41342","ClientHost":"203.0.113.7","ClientPort":"41342","DownstreamContentSize":5120,"DownstreamStatus":200,"RequestHost":"Shop.example","RequestMethod":"GET","RequestPath":"/","RequestProtocol":"HTTP/2.0","StartUTC":"2026-03-12T09:15:02.5Z","request_Referer":"https://news.example/","request_User-Agent":"${chrome}","time":"2026-03-12T09:15:03Z"}`,
        { ...full, client: '203.0.113.7', at: '2026-03-12T09:15:02.500Z', host: 'shop.example' },
      ],
      [
        '{"ClientHost":"::1","DownstreamStatus":200,"RequestMethod":"GET","RequestPath":"/a","StartUTC":"2026-03-12T09:15:02Z"}',
        { client: '::1', request: 'GET /a', hasReferrer: false },
        'headers are dropped by default',
      ],
      [
        '{"level":"info","msg":"Configuration loaded","time":"2026-03-12T09:15:03Z"}',
        { error: 'json_invalid' },
        'not a request',
      ],
    ],
  },
  {
    name: 'Caddy',
    source: 'https://caddyserver.com/docs/logging#structured-logs',
    recognized: 'caddy-json',
    lines: [
      [
        '{"level":"info","ts":1646861401.5241024,"logger":"http.log.access","msg":"handled request","request":{"remote_ip":"127.0.0.1","remote_port":"41342","client_ip":"127.0.0.1","proto":"HTTP/2.0","method":"GET","host":"localhost","uri":"/","headers":{"User-Agent":["curl/7.82.0"],"Accept":["*/*"]}},"bytes_read":0,"user_id":"","duration":0.000929675,"size":10900,"status":200}',
        {
          client: '127.0.0.1',
          at: '2022-03-09T21:30:01.524Z',
          host: 'localhost',
          request: 'GET /',
          status: 200,
          bytes: 10_900,
          agent: 'curl/7.82.0',
          hasReferrer: true,
        },
        'documented',
      ],
      [
        '{"ts":"2026-03-12T09:15:02.123Z","request":{"remote_ip":"172.71.190.23","client_ip":"203.0.113.7","method":"GET","host":"shop.example:8443","uri":"/a?b=c","headers":{"Referer":["https://news.example/"]}},"size":1,"status":200}',
        {
          client: '203.0.113.7',
          host: 'shop.example',
          request: 'GET /a?b=c',
          referrer: 'https://news.example/',
        },
        'client_ip is behind trusted proxies: https://github.com/allinurl/goaccess/issues/2601',
      ],
      [
        '{"ts":1646861401,"request":{"remote_addr":"[2001:db8::7]:41342","method":"GET","host":"a.example","uri":"/","headers":{}},"size":1,"status":200}',
        { client: '2001:db8::7' },
        'Caddy before 2.5',
      ],
      ['{"level":"error","ts":1646861401,"msg":"dial tcp"}', { error: 'json_invalid' }],
    ],
  },
  {
    name: 'IIS',
    source:
      'https://learn.microsoft.com/en-us/previous-versions/windows/it-pro/windows-server-2003/cc738725(v=ws.10)',
    recognized: 'iis',
    lines: [
      ['#Software: Microsoft Internet Information Services 6.0', directive],
      ['#Version: 1.0', directive],
      ['#Date: 2002-05-02 17:42:15', directive],
      [
        '#Fields: date time c-ip cs-username s-ip s-port cs-method cs-uri-stem cs-uri-query sc-status cs(User-Agent)',
        directive,
      ],
      [
        '2002-05-02 17:42:15 172.22.255.255 - 172.30.255.255 80 GET /images/picture.jpg - 200 Mozilla/4.0+(compatible;MSIE+5.5;+Windows+2000+Server)',
        {
          client: '172.22.255.255',
          at: '2002-05-02T17:42:15Z',
          request: 'GET /images/picture.jpg',
          status: 200,
          agent: 'Mozilla/4.0 (compatible;MSIE 5.5; Windows 2000 Server)',
          hasReferrer: false,
        },
        'documented',
      ],
      [
        '#Fields: date time cs-method cs-uri-stem cs-uri-query c-ip cs(User-Agent) cs(Referer) cs-host sc-status',
        directive,
        'fields change within a file',
      ],
      [
        '2026-03-12 09:15:02 GET /a b=c 203.0.113.7:4711 Mozilla/5.0+(X11) https://news.example/?q=a+b shop.example:443 200',
        {
          client: '203.0.113.7',
          at,
          host: 'shop.example',
          request: 'GET /a?b=c',
          agent: 'Mozilla/5.0 (X11)',
          referrer: 'https://news.example/?q=a+b',
        },
      ],
      ['2026-03-12 09:15:02 GET /a', { error: 'tail_invalid' }],
    ],
  },
  {
    name: 'IIS without directives',
    source: 'https://learn.microsoft.com/en-us/windows/win32/http/w3c-logging',
    declared: 'iis',
    lines: [
      [
        '2026-03-12 09:15:02 10.0.0.4 GET /a b=c 443 - 203.0.113.7 Mozilla/5.0+(X11) - 200 0 0 15',
        {
          client: '203.0.113.7',
          at,
          request: 'GET /a?b=c',
          status: 200,
          referrer: undefined,
          hasReferrer: true,
        },
      ],
    ],
  },
  {
    name: 'W3C Extended Log File Format',
    source: 'https://www.w3.org/TR/WD-logfile.html',
    recognized: 'w3c',
    lines: [
      ['#Version: 1.0', directive],
      ['#Date: 12-Jan-1996 00:00:00', directive],
      ['#Fields: time c-ip cs-method cs-uri sc-status cs(User-Agent)', directive],
      [
        '00:34:23 192.0.2.7 GET /foo/bar.html 200 "say ""hi"" now"',
        { at: '1996-01-12T00:34:23Z', request: 'GET /foo/bar.html', agent: 'say "hi" now' },
        'the date is in #Date; quotes are doubled',
      ],
      ['#Date: 13-Jan-1996 00:00:00', directive],
      [
        '00:00:01 192.0.2.7 GET http://a.example/x?y 200 -',
        {
          at: '1996-01-13T00:00:01Z',
          host: 'a.example',
          request: 'GET http://a.example/x?y',
          agent: undefined,
        },
      ],
    ],
  },
  {
    name: 'W3C without #Fields',
    source: 'https://www.w3.org/TR/WD-logfile.html',
    declared: 'w3c',
    lines: [
      ['00:34:23 GET /foo/bar.html', { error: 'fields_unknown' }, 'the directive is required'],
    ],
  },
  {
    name: 'CloudFront',
    source:
      'https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logs-reference.html',
    recognized: 'cloudfront',
    lines: [
      ['#Version: 1.0', directive],
      [
        '#Fields: date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status cs(Referer) cs(User-Agent) cs-uri-query cs(Cookie) x-edge-result-type x-edge-request-id x-host-header cs-protocol cs-bytes time-taken x-forwarded-for',
        directive,
      ],
      [
        '2019-12-04\t21:02:31\tLAX1\t392\t192.0.2.100\tGET\td111111abcdef8.cloudfront.net\t/index.html\t200\t-\tMozilla/5.0%20(Windows%20NT%2010.0;%20Win64;%20x64)\t-\t-\tHit\tSOX4xwn4XV6Q4rgb7XiVGOHms_BGlTAC4KyHmureZmBNrjGdRLiNIQ==\tWww.example.com\thttps\t23\t0.001\t-',
        {
          client: '192.0.2.100',
          at: '2019-12-04T21:02:31Z',
          host: 'www.example.com',
          request: 'GET /index.html',
          status: 200,
          bytes: 392,
          referrer: undefined,
          agent: 'Mozilla/5.0 (Windows NT 10.0; Win64; x64)',
        },
        'documented; x-host-header is the host that the viewer requested',
      ],
      [
        '2019-12-04\t21:02:31\tLAX1\t392\t2001:db8::100\tGET\td111111abcdef8.cloudfront.net\t/a\t200\thttps://news.example/\tMozilla/5.0%2520(X11)\tb=c\t-\tHit\tid\twww.example.com\thttps\t23\t0.001\t203.0.113.9',
        {
          client: '2001:db8::100',
          request: 'GET /a?b=c',
          agent: 'Mozilla/5.0 (X11)',
          referrer: 'https://news.example/',
        },
        'anyone can send X-Forwarded-For; older logs escape twice',
      ],
    ],
  },
  {
    name: 'Application Load Balancer',
    source:
      'https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-access-logs.html#access-log-entry-examples',
    recognized: 'alb',
    lines: [
      [
        'http 2018-07-02T22:23:00.186641Z app/my-loadbalancer/50dc6c495c0c9188 192.168.131.39:2817 10.0.0.1:80 0.000 0.001 0.000 200 200 34 366 "GET http://www.example.com:80/ HTTP/1.1" "curl/7.46.0" - - arn:aws:elasticloadbalancing:us-east-2:123456789012:targetgroup/my-targets/73e2d6bc24d8a067 "Root=1-58337262-36d228ad5d99923122bbe354" "-" "-" 0 2018-07-02T22:22:48.364000Z "forward" "-" "-" "10.0.0.1:80" "200" "-" "-"',
        {
          client: '192.168.131.39',
          at: '2018-07-02T22:23:00.186Z',
          host: 'www.example.com',
          request: 'GET http://www.example.com:80/',
          status: 200,
          bytes: 366,
          agent: 'curl/7.46.0',
          hasReferrer: false,
        },
        'documented',
      ],
      [
        'h2 2018-07-02T22:23:00.186641Z app/my-loadbalancer/50dc6c495c0c9188 10.0.1.252:48160 10.0.0.66:9000 0.000 0.002 0.000 200 200 5 257 "GET https://10.0.2.105:773/ HTTP/2.0" "curl/7.46.0" ECDHE-RSA-AES128-GCM-SHA256 TLSv1.2 arn:aws:elasticloadbalancing:us-east-2:123456789012:targetgroup/my-targets/73e2d6bc24d8a067 "Root=1-58337327-72bd00b0343d75b906739c42" "-" "-" 1 2018-07-02T22:22:48.364000Z "redirect" "https://example.com:80/" "-" "10.0.0.66:9000" "200" "-" "-"',
        { client: '10.0.1.252', host: '10.0.2.105', request: 'GET https://10.0.2.105:773/' },
        'documented',
      ],
      [
        'ws 2018-07-02T22:23:00.186641Z app/my-loadbalancer/50dc6c495c0c9188 10.0.0.140:40914 10.0.1.192:8010 0.001 0.003 0.000 101 101 218 587 "GET http://10.0.0.30:80/ HTTP/1.1" "-" - - arn:aws:elasticloadbalancing:us-east-2:123456789012:targetgroup/my-targets/73e2d6bc24d8a067 "Root=1-58337364-23a8c76965a2ef7629b185e3" "-" "-" 1 2018-07-02T22:22:48.364000Z "forward" "-" "-" "10.0.1.192:8010" "101" "-" "-"',
        { client: '10.0.0.140', status: 101, agent: undefined },
        'documented',
      ],
      [
        'http 2018-11-30T22:23:00.186641Z app/my-loadbalancer/50dc6c495c0c9188 192.168.131.39:2817 - 0.000 0.001 0.000 502 - 34 366 "GET http://www.example.com:80/ HTTP/1.1" "curl/7.46.0" - - arn:aws:elasticloadbalancing:us-east-2:123456789012:targetgroup/my-targets/73e2d6bc24d8a067 "Root=1-58337364-23a8c76965a2ef7629b185e3" "-" "-" 0 2018-11-30T22:22:48.364000Z "forward" "-" "LambdaInvalidResponse" "-" "-" "-" "-"',
        { status: 502, request: 'GET http://www.example.com:80/' },
        'documented',
      ],
    ],
  },
  {
    name: 'syslog',
    source:
      'https://www.rfc-editor.org/rfc/rfc3164#section-4.1; https://www.rfc-editor.org/rfc/rfc5424#section-6',
    recognized: 'combined',
    prefix: 'syslog',
    lines: [
      [
        `<190>Mar 12 09:15:02 web nginx: 5.0.0.7 - - ${get} ${tail}`,
        { client: '5.0.0.7', ...full },
        'RFC 3164, as nginx sends it',
      ],
      [`Mar  2 09:15:02 web nginx[77]: 5.0.0.7 - - ${get} ${tail}`, full, 'journald, short'],
      [
        `2026-03-12T09:15:02+0000 web nginx[77]: 5.0.0.7 - - ${get} ${tail}`,
        full,
        'journald, short-iso',
      ],
      [
        `2026-03-12T09:15:02.003000+00:00 web nginx: 5.0.0.7 - - ${get} ${tail}`,
        full,
        "rsyslog's files",
      ],
      [
        `<190>1 2026-03-12T09:15:02.003Z web nginx 77 - [meta id="a\\"]b"] 5.0.0.7 - - ${get} ${tail}`,
        full,
        'RFC 5424',
      ],
      [
        `<190>1 2026-03-12T09:15:02.003Z web nginx - - - 5.0.0.7 - - ${get} ${tail}`,
        full,
        'RFC 5424 without data',
      ],
      [`5.0.0.7 - - ${get} ${tail}`, { error: 'prefix_missing' }],
    ],
  },
  {
    name: "Kubernetes' container runtimes",
    source:
      'https://github.com/kubernetes/design-proposals-archive/blob/main/node/kubelet-cri-logging.md',
    recognized: 'combined',
    prefix: 'cri',
    lines: [
      [
        `2026-03-12T09:15:02.123456789Z stdout F 5.0.0.7 - - ${get} ${tail}`,
        { client: '5.0.0.7', ...full },
      ],
      [
        '2026-03-12T09:15:02.123456789Z stdout P 5.0.0.7 - - [12/Mar/2026',
        { error: 'prefix_missing' },
        'a partial line',
      ],
      [
        '2026-03-12T09:15:02.123456789Z stderr F 2026/03/12 09:15:02 [error] 7#7: open() failed',
        { error: 'time_invalid' },
        'a line of another log',
      ],
    ],
  },
  {
    name: 'docker compose logs',
    source: 'https://docs.docker.com/reference/cli/docker/compose/logs/',
    recognized: 'combined',
    prefix: 'docker-compose',
    lines: [
      [`web-1  | 5.0.0.7 - - ${get} ${tail}`, { client: '5.0.0.7', ...full }],
      [
        `\u001b[36mweb-1  | \u001b[0m5.0.0.7 - - ${get} ${tail}`,
        { client: '5.0.0.7', ...full },
        'with colors',
      ],
      [`web-1  | 2026-03-12T09:15:02.123456789Z 5.0.0.7 - - ${get} ${tail}`, full, '--timestamps'],
    ],
  },
  {
    name: "Docker's json-file",
    source: 'https://docs.docker.com/engine/logging/drivers/json-file/',
    recognized: 'combined',
    prefix: 'docker-json',
    lines: [
      [
        JSON.stringify({
          log: `5.0.0.7 - - ${get} ${tail}\n`,
          stream: 'stdout',
          time: '2026-03-12T09:15:02Z',
        }),
        { client: '5.0.0.7', ...full },
      ],
    ],
  },
]

const toLine = (text: string, index: number): Line => ({ number: index + 1, text, endByte: 0 })

function toValues(entry: LogEntry): Required<Omit<Expected, 'error'>> {
  const {
    client,
    siteHost: host,
    request,
    status,
    bytes,
    referrer,
    userAgent: agent,
    hasReferrer,
  } = entry
  return {
    ...{ client, host, status, bytes, referrer, agent, hasReferrer },
    at: new Date(entry.at).toISOString().replace('.000Z', 'Z'),
    request: request && `${request.method} ${request.target}`,
  }
}

describe.each(formats)(
  'Log format: $name',
  ({ declared, recognized, prefix, lines, ...options }) => {
    const format =
      declared === undefined ? undefined : (findPreset(declared) ?? compileFormat(declared))
    const { trustedProxies = [] } = options
    // Lines of other formats are refused or dropped; see recognize.test.ts.
    const sample = lines.filter(([, { error }]) => error === undefined || error === 'directive')
    const found = recognizeFormat(
      sample.map(([text], index) => toLine(text, index)),
      { formats: format && [format], trustedProxies },
    )

    it('is recognized, or declared', () => {
      const name = sample.length === 0 ? undefined : (recognized ?? declared)
      expect(found?.formats.map(each => each.name)).toEqual(name && [name])
      expect(found?.prefix?.name).toBe(prefix)
    })

    it('gives the right values', () => {
      const all = found?.formats ?? (format ? [format] : [])
      const parser = createLogParser({ formats: all, prefix: found?.prefix, trustedProxies })
      for (const [text, { error, ...expected }] of lines) {
        const parsed = parser.parse(text)
        const values = parsed.ok ? toValues(parsed.entry) : {}
        expect({ text, ...values, error: parsed.ok ? undefined : parsed.error }).toEqual({
          ...{ text, ...values, ...expected, error },
        })
      }
    })
  },
)

it('Log formats: the corpus has at least 60 lines in 15 formats', () => {
  const count = formats.reduce(
    (sum, { lines }) => sum + lines.filter(([, { error }]) => error !== 'directive').length,
    0,
  )
  expect(count).toBeGreaterThanOrEqual(60)
  expect(formats.length).toBeGreaterThanOrEqual(15)
})
