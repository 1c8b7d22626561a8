/** What is refused before any route is asked: strange hosts, compressed bodies, other origins, unknown methods. */
import { isIP } from 'node:net';
import type { FastifyInstance, FastifyRequest, HTTPMethods } from 'fastify';
import { Failure } from '../contracts/failures.ts';

interface Served {
  readonly host: string;
  readonly hostNames: readonly string[];
  readonly publicUrl: string | undefined;
}

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const satisfies readonly HTTPMethods[];
const readOnly: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);
const everywhere: ReadonlySet<string> = new Set(['0.0.0.0', '::']);

export function refuseAtTheDoor(app: FastifyInstance, served: Served): void {
  const names = new Set([
    'localhost',
    '127.0.0.1',
    '::1',
    served.host.toLowerCase(),
    ...served.hostNames.map((n) => n.toLowerCase()),
  ]);
  if (served.publicUrl !== undefined) names.add(bare(new URL(served.publicUrl).hostname));
  let closing = false;
  app.addHook('preClose', async () => {
    closing = true;
  });
  app.addHook('onRequest', async (request, reply) => {
    void reply.headers({
      'x-request-id': request.id,
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-store',
    });
    if (closing) {
      void reply.header('connection', 'close');
      throw new Failure('OVERLOADED', { detail: 'the hub is stopping' });
    }
    refuseHost(request, names, everywhere.has(served.host));
    const encoding = request.headers['content-encoding'];
    if (encoding !== undefined && encoding.trim().toLowerCase() !== 'identity') {
      void reply.header('connection', 'close');
      throw new Failure('ENCODING_UNSUPPORTED', { detail: 'only content-encoding identity is taken' });
    }
    refuseOrigin(request, names);
  });
}

/** Call it first; call what it returns when all routes are there: each address then names the methods that it takes. */
export function refuseOtherMethods(app: FastifyInstance): () => void {
  const taken = new Map<string, Set<string>>();
  app.addHook('onRoute', (route) => {
    const known = taken.get(route.url) ?? new Set();
    taken.set(route.url, known);
    for (const method of [route.method].flat()) known.add(method);
  });
  return () => {
    for (const [url, known] of taken) {
      const allow = [...known].join(', ');
      const others = methods.filter((method) => !known.has(method));
      if (others.length === 0) continue;
      app.route({
        method: others,
        url,
        exposeHeadRoute: false,
        onRequest: async (_request, reply) => {
          void reply.header('allow', allow);
          throw new Failure('METHOD_NOT_ALLOWED', { detail: `${allow} are taken here` });
        },
        handler: async () => undefined,
      });
    }
  };
}

/** A page elsewhere may point a name of its own at this machine (DNS rebinding): only our own names are served. */
function refuseHost(request: FastifyRequest, names: ReadonlySet<string>, anyAddress: boolean): void {
  const given = request.raw.rawHeaders.filter((name, at) => at % 2 === 0 && name.toLowerCase() === 'host').length;
  const host = hostNameOf(request.headers.host ?? '');
  const isServed = given === 1 && host !== undefined && (names.has(host) || (anyAddress && isIP(host) !== 0));
  if (!isServed) throw new Failure('HOST_NOT_SERVED', { detail: 'the host header does not name this hub' });
}

/** A browser says where a page comes from; changes are taken from our own pages only, or from no browser at all. */
function refuseOrigin(request: FastifyRequest, names: ReadonlySet<string>): void {
  const { origin } = request.headers;
  if (origin === undefined || readOnly.has(request.method)) return;
  const host = URL.canParse(origin) ? bare(new URL(origin).hostname) : '';
  if (!names.has(host)) throw new Failure('NOT_ALLOWED', { detail: 'a page of another origin may not do this' });
}

function hostNameOf(header: string): string | undefined {
  const [, bracketed, plain] =
    /^(?:\[([0-9a-fA-F:.]{2,45})\]|([A-Za-z0-9._-]{1,253}))(?::\d{1,5})?$/.exec(header) ?? [];
  return (bracketed ?? plain)?.toLowerCase();
}

function bare(hostname: string): string {
  return hostname.toLowerCase().replace(/^\[|\]$/g, '');
}
