/**
 * A time-stamp authority (时间戳服务机构): RFC 3161 over HTTP, its own root, SHA-256 and P-256. It knows no customers and asks no
 * questions; it stamps whatever digest comes, in the sandbox's business time.
 */
import { twin, type TwinAnswer, type TwinContext, type TwinRequest } from '../twin.ts';
import {
  again,
  authorityKeys,
  der,
  derAt,
  type DerPart,
  derWithin,
  generalizedTime,
  integer,
  reply,
  sequence,
  tokenOver,
} from './tsaPaper.ts';

interface Memory {
  serial: number;
}

const path = '/tsa';
/** 1.3.6.1.4.1.55555.1.1, of a made-up enterprise. */
const policy = { text: '1.3.6.1.4.1.55555.1.1', bytes: Buffer.from('2b0601040183b2030101', 'hex') } as const;
const sha256Id = Buffer.from('608648016503040201', 'hex');
const hourMs = 3_600_000;

const bits = { badAlg: 0, badRequest: 2, badDataFormat: 5, unacceptedPolicy: 15, unacceptedExtension: 16 } as const;

export const evidenceTsa = twin<Memory>({
  name: 'evidence-tsa',
  kind: 'evidence',
  dialect: 'tsa',
  title: { zh: '时间戳服务机构', en: 'Time-stamp authority' },
  settings: { path, policy: policy.text },
  magic: [
    {
      where: 'digest 摘要, in hexadecimal',
      value: 'fa1100… to fa111f…',
      effect: 'rejected, with that failure bit (`fa110e…`: bit 14, its clock is not in step)',
    },
    { where: 'digest 摘要, in hexadecimal', value: 'fa11f0…', effect: 'a token with another nonce' },
    { where: 'digest 摘要, in hexadecimal', value: 'fa11f1…', effect: 'a token about another digest' },
    { where: 'digest 摘要, in hexadecimal', value: 'fa11f2…', effect: 'its clock is an hour slow' },
    {
      where: 'digest 摘要, in hexadecimal',
      value: 'fa11f3…',
      effect: 'signed under a certificate that is not for stamping time',
    },
    { where: 'digest 摘要, in hexadecimal', value: 'fa11f4…', effect: 'granted, without a token' },
    { where: 'digest 摘要, in hexadecimal', value: 'fa11f5…', effect: 'waiting' },
    { where: 'digest 摘要, in hexadecimal', value: 'fa11f6…', effect: 'a token under another policy' },
  ],
  enrol: () => {
    const { root, key, certificate, mistaken } = authorityKeys();
    return {
      hub: { 'tsa-ca.txt': root },
      twin: { 'tsa-key.pem': key, 'tsa-certificate.pem': certificate, 'tsa-mistaken.pem': mistaken },
    };
  },
  memory: () => ({ serial: 1_000_000 }),
  operationOf: (request) => (request.path === path ? 'stamp' : undefined),
  handle: (request, twin) => {
    if (request.path !== path) return { status: 404, body: 'Not Found' };
    if (request.method !== 'POST' || request.headers['content-type'] !== 'application/timestamp-query')
      return { status: 415, body: 'Send an application/timestamp-query' };
    return answered(respond(request, twin));
  },
  acts: {},
});

interface Query {
  readonly imprint: Buffer;
  readonly digest: Buffer;
  readonly nonce: DerPart | undefined;
}

function respond(request: TwinRequest, twin: TwinContext<Memory>): Buffer {
  let query: Query | number;
  try {
    query = read(request.body);
  } catch {
    query = bits.badDataFormat;
  }
  if (typeof query === 'number') return reply(2, undefined, query);
  const [, magic] = /^fa11([0-9a-f]{2})/.exec(query.digest.toString('hex')) ?? [];
  const number = magic === undefined ? undefined : Number.parseInt(magic, 16);
  if (number !== undefined && number < 0x20) return reply(2, undefined, number);
  if (magic === 'f5') return reply(3);
  if (magic === 'f4') return reply(0);
  const atMs = twin.clock.now().getTime() - (magic === 'f2' ? hourMs : 0);
  twin.memory.serial += 1;
  twin.effect('stamped', String(twin.memory.serial), { digest: query.digest.toString('hex') });
  const certificate = twin.key(magic === 'f3' ? 'tsa-mistaken.pem' : 'tsa-certificate.pem');
  const content = tstInfo(query, twin.memory.serial, atMs, magic);
  return reply(0, tokenOver(content, { key: twin.key('tsa-key.pem'), certificate }, atMs));
}

/** What is asked, or the failure bit of what is not done. @throws Error when it is no TimeStampReq */
function read(body: Buffer): Query | number {
  const whole = derAt(body, 0);
  const [version, imprint, ...options] = derWithin(whole.body);
  if (whole.next !== body.length || whole.tag !== 0x30 || !imprint) return bits.badDataFormat;
  if (version?.tag !== 0x02 || !version.body.equals(Buffer.of(1))) return bits.badRequest;
  const [algorithm, digest] = derWithin(imprint.body);
  const [name] = algorithm ? derWithin(algorithm.body) : [];
  if (!name?.body.equals(sha256Id) || digest?.body.length !== 32) return bits.badAlg;
  const [asked, nonce, certReq, extensions] = [0x06, 0x02, 0x01, 0xa0].map((tag) =>
    options.find((part) => part.tag === tag),
  );
  if (extensions) return bits.unacceptedExtension;
  if (asked && !asked.body.equals(policy.bytes)) return bits.unacceptedPolicy;
  // It always sends its certificate along: who does not want it is somebody else's customer.
  return certReq?.body[0] === 0xff ? { imprint: again(imprint), digest: digest.body, nonce } : bits.badRequest;
}

function tstInfo(query: Query, serial: number, atMs: number, magic: string | undefined): Buffer {
  const number = Buffer.alloc(6);
  number.writeUIntBE(serial, 0, 6);
  const policyBytes = Buffer.from(policy.bytes);
  if (magic === 'f6') policyBytes[policyBytes.length - 1] = 2;
  const imprint = Buffer.from(query.imprint);
  if (magic === 'f1') imprint[imprint.length - 1] = (imprint.at(-1) ?? 0) ^ 1;
  return sequence(
    der(0x02, Buffer.of(1)),
    der(0x06, policyBytes),
    imprint,
    integer(number),
    der(0x18, Buffer.from(generalizedTime(atMs))),
    sequence(der(0x02, Buffer.of(1)), der(0x80, Buffer.of(0x01, 0xf4))),
    ...(query.nonce ? [magic === 'f0' ? integer(Buffer.of(42)) : again(query.nonce)] : []),
  );
}

function answered(body: Buffer): TwinAnswer {
  return { status: 200, headers: { 'content-type': 'application/timestamp-reply' }, body };
}
