/**
 * A price service as a counterparty: one price a business day for each material, around the world's price, moving by at
 * most one percent. It publishes at nine o'clock (Asia/Shanghai), not on weekends, and quotes nickel per kilogram.
 */
import { createHash, createHmac, randomBytes } from 'node:crypto';
import { json, twin, type TwinAnswer, type TwinContext, type TwinRequest } from '../twin.ts';
import { materials } from '../world.ts';

interface QuotesMemory {
  /** Millionths by which a material's price is multiplied since a shock. */
  readonly factors: Record<string, number>;
  /** Materials of which no new price is published: the date of their last one. */
  readonly frozen: Record<string, string>;
}
type Context = TwinContext<QuotesMemory>;
type Material = (typeof materials)[number];

const dayMs = 86_400_000;
const million = 1_000_000n;
const shanghaiMs = 8 * 3_600_000;
const publishedAtHourMs = 9 * 3_600_000;
const moveMillionthsMax = 10_000;
/** Whoever asks for tonnes of these still gets a price per kilogram: an exchange's habit. */
const perKilogram: readonly string[] = ['NI-9996-CATH'];

export const priceQuotes = twin<QuotesMemory>({
  name: 'price-quotes',
  kind: 'price',
  dialect: 'quotes',
  title: { zh: '大宗商品行情', en: 'commodity prices' },
  settings: {},
  enrol() {
    const keys = {
      'apiKey.txt': randomBytes(12).toString('hex'),
      'signingSecret.txt': randomBytes(16).toString('hex'),
    };
    return { hub: keys, twin: { ...keys } };
  },
  memory: () => ({ factors: {}, frozen: {} }),
  operationOf: ({ method, path }) => (method === 'GET' && path === '/v1/quotes' ? 'quote' : undefined),
  handle(request, context) {
    const { status, body } = answer(request, context);
    return signed(request, context.key('signingSecret.txt'), status, body);
  },
  acts: {
    /** `{ material, factor }`: its price is multiplied from now on; `"0.8"` is a fall by a fifth. */
    shock({ material, factor }, { memory }) {
      const code = known(material).code;
      const millionths = Math.round(Number(factor) * 1_000_000);
      if (!(millionths > 0)) throw new Error('the factor must be a positive number');
      memory.factors[code] = Number((BigInt(memory.factors[code] ?? 1_000_000) * BigInt(millionths)) / million);
    },
    /** `{ material }`: nothing new is published of it. */
    freeze({ material }, { memory, clock }) {
      memory.frozen[known(material).code] = quoteDateAt(clock.now());
    },
    /** `{ material }` */
    thaw({ material }, { memory }) {
      delete memory.frozen[known(material).code];
    },
  },
});

function answer({ method, path, query, headers }: TwinRequest, context: Context): { status: number; body: object } {
  if (method !== 'GET' || path !== '/v1/quotes') return { status: 404, body: { code: 'PATH_UNKNOWN' } };
  if (headers['x-api-key'] !== context.key('apiKey.txt')) return { status: 401, body: { code: 'KEY_INVALID' } };
  const material = materials.find(({ code }) => code === query['material']);
  if (!material) return { status: 404, body: { code: 'MATERIAL_UNKNOWN' } };
  if (query['unit'] !== 't' && query['unit'] !== 'kg') return { status: 400, body: { code: 'UNIT_UNKNOWN' } };
  const quoteDate = context.memory.frozen[material.code] ?? quoteDateAt(context.clock.now());
  const fen = fenPerTonne(material, quoteDate, context.memory.factors[material.code] ?? 1_000_000);
  const kilogram = perKilogram.includes(material.code);
  const data = {
    material: material.code,
    // Per kilogram a fen of a tonne's price is the fifth decimal; per tonne two more zeros are shown, as exchanges do.
    price: kilogram ? point(fen, 5) : `${point(fen, 2)}00`,
    currency: 'CNY',
    unit: kilogram ? 'kg' : 't',
    source: 'SANDBOX-METALS',
    quoteDate,
    publishedAt: `${quoteDate}T09:00:00+08:00`,
  };
  return { status: 200, body: { code: 'OK', data } };
}

function signed(request: TwinRequest, secret: string, status: number, message: object): TwinAnswer {
  const { headers, body } = json(message, status);
  const timestamp = String(Date.now());
  const asked = request.rawQuery === '' ? request.path : `${request.path}?${request.rawQuery}`;
  const signature = createHmac('sha256', secret).update(`${timestamp}\n${asked}\n${body.toString()}`).digest('hex');
  return { status, body, headers: { ...headers, 'x-quote-timestamp': timestamp, 'x-quote-signature': signature } };
}

/** The last working day whose price is out: today's from nine o'clock on. */
export function quoteDateAt(now: Date): string {
  let localMs = now.getTime() + shanghaiMs - publishedAtHourMs;
  while ([0, 6].includes(new Date(localMs).getUTCDay())) localMs -= dayMs;
  return new Date(localMs).toISOString().slice(0, 10);
}

/** The same material on the same day always costs the same. */
function fenPerTonne(material: Material, date: string, factorMillionths: number): bigint {
  const noise = createHash('sha256').update(`${material.code}/${date}`).digest().readUInt32BE(0);
  const move = (noise % (2 * moveMillionthsMax + 1)) - moveMillionthsMax;
  const base = BigInt(material.price.replace('.', ''));
  return (base * (million + BigInt(move)) * BigInt(factorMillionths)) / (million * million);
}

function point(value: bigint, decimals: number): string {
  const digits = value.toString().padStart(decimals + 1, '0');
  return `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
}

function known(material: unknown): Material {
  const found = materials.find(({ code }) => code === material);
  if (!found) throw new Error(`no material ${String(material)}`);
  return found;
}
