/** `POST /v1/sandbox/clock`: lets business time jump or run at another speed. Exists in a sandbox only. */
import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { contract, strict } from '../contracts/contract.ts';
import { Failure } from '../contracts/failures.ts';
import { parseJson } from '../contracts/gate/json.ts';
import { clockView } from './consoleApi.ts';
import { requireLoopback } from './operators.ts';
import type { Edge } from './options.ts';
import { filtersOf } from './query.ts';

const bodyBytesMax = 1_000;
const unitMs: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

const ClockChange = contract(
  'sandbox/clock-change',
  strict({
    /** `30d`, `2h`, `90m`, `10s`: business time jumps ahead by so much. It never goes back. */
    advance: Type.Optional(Type.String({ pattern: '^[1-9]\\d{0,3}[smhd]$', maxLength: 5 })),
    /** Business seconds in a real one; 0 stands still. */
    speed: Type.Optional(Type.Number({ minimum: 0, maximum: 1_000_000 })),
  }),
);

export function sandboxClockRoutes(app: FastifyInstance, edge: Edge): void {
  const change = edge.clockChange;
  if (!change) return;
  app.post('/v1/sandbox/clock', { bodyLimit: bodyBytesMax, preHandler: requireLoopback() }, async (request) => {
    filtersOf(request.raw.url ?? '', []);
    // A page of another origin can send other types without asking first.
    if (!/^application\/json\b/i.test(request.headers['content-type'] ?? '')) {
      throw new Failure('ENCODING_UNSUPPORTED', { detail: 'content-type application/json is expected' });
    }
    const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
    const { advance, speed } = ClockChange.check(parseJson(body));
    await change({
      ...(advance === undefined ? {} : { advanceMs: Number.parseInt(advance, 10) * (unitMs[advance.slice(-1)] ?? 0) }),
      ...(speed === undefined ? {} : { speed }),
    });
    return clockView(edge);
  });
}
