/**
 * Which addresses the hub may call. An address comes from the registry of systems, but what stands there was typed by
 * someone: a URL that leads back into our own network is refused unless the system is registered as an inner one.
 *
 * Asked three times for one call, because each place alone can be got round: of the host as written (an IP literal never
 * passes `lookup`), of what the name resolves to, and of the peer that the socket really has (a name may resolve twice).
 */
import { lookup as resolve, type LookupAddress, type LookupOptions } from 'node:dns';
import ipaddr from 'ipaddr.js';
import { Failure } from '../contracts/failures.ts';

/** The URL, parsed. The parser also turns 2130706433, 0x7f.1 and ①②⑦.⓪.⓪.① into 127.0.0.1. @throws SYSTEM_UNREACHABLE */
export function admitUrl(url: string, allowPrivate: boolean): URL {
  const parsed = URL.parse(url);
  if (!parsed) throw refused('the address is no URL');
  if (parsed.protocol !== 'https:' && parsed.protocol !== 'http:')
    throw refused('the address is neither http nor https');
  if (parsed.username !== '' || parsed.password !== '') throw refused('the address carries a user name');
  const host = bare(parsed);
  if (!allowPrivate && ipaddr.isValid(host) && !isPublic(host)) throw refused('the address is not public');
  return parsed;
}

export interface Endpoint {
  readonly host: string;
  readonly port: number;
  readonly secure: boolean;
}

/** `tcp://host:port` or `tls://host:port`, and nothing behind it. @throws SYSTEM_UNREACHABLE */
export function admitEndpoint(url: string, allowPrivate: boolean): Endpoint {
  const [, scheme, authority] = /^(tcp|tls):\/\/([^/?#\\]+)\/?$/.exec(url) ?? [];
  const port = Number(/:(\d{1,5})$/.exec(authority ?? '')?.[1]);
  if (scheme === undefined || !Number.isInteger(port) || port < 1 || port > 65_535)
    throw refused('the address is neither tcp://host:port nor tls://host:port');
  // Read as a web address, whose parser knows every spelling of a host; that of another scheme takes any.
  return { host: bare(admitUrl(`http://${authority}`, allowPrivate)), port, secure: scheme === 'tls' };
}

function bare({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$/g, '');
}

/** Only what the internet routes to a host: no loopback, private, link-local (metadata), tunnelled or reserved address. */
export function isPublic(address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  const parsed = ipaddr.process(address); // ::ffff:127.0.0.1 is 127.0.0.1.
  if (parsed.range() !== 'unicast') return false;
  return parsed.kind() === 'ipv4' || parsed.match(globalUnicast);
}

// All that IANA has given out; leaves out ::/96, in which old stacks hide IPv4 addresses.
const globalUnicast = ipaddr.parseCIDR('2000::/3') as [ipaddr.IPv6, number];

type Answer = (error: Error | null, address: string | LookupAddress[], family?: number) => void;

/** `dns.lookup` that answers only when every address of the name is public. */
export function lookupPublic(hostname: string, options: LookupOptions, answer: Answer): void {
  resolve(hostname, { ...options, all: true }, (error, addresses) => {
    const first = addresses?.[0];
    if (error || !first) answer(error ?? refused('the name has no address'), []);
    else if (!addresses.every((each) => isPublic(each.address)))
      answer(refused('the name leads to an address that is not public'), []);
    else if (options.all) answer(null, addresses);
    else answer(null, first.address, first.family);
  });
}

function refused(detail: string): Failure {
  return new Failure('SYSTEM_UNREACHABLE', { detail: `refused, nothing was sent: ${detail}` });
}
