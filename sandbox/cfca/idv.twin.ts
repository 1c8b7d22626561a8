/**
 * An identity verification vendor: it holds a register of companies and one of bank cards, compares what it is asked
 * with what it holds, bills what it could answer, and never says what is right, only what differs. It also proves who
 * controls an account (`idvAccount.ts`).
 *
 * Magic values: a credit code that ends in 4Y is a channel error (04) until its people act `channelUp`, and so is an account
 * at the bank 102000000004; the bank 999999999999 cannot be paid (14). A payment to an account of the sandbox under another
 * name fails (R2), to one that nobody has too (R1); one that ends in 5555 is paid after a day, 6666 the bank refuses (R5),
 * 7777 is frozen (R4), 8888 is closed (R3), 9999 is paid and sent back the next day (P3, R2).
 */
import { createHash, randomBytes } from 'node:crypto';
import { json, twin, type TwinAnswer, type TwinContext, type TwinRequest } from '../twin.ts';
import { agents, companies } from '../world.ts';
import { accountActs, accountMagic, accountMemory, respondAccount, type AccountMemory } from './idvAccount.ts';
import { admit, answerHeaders, interfaces, unseal } from './idvWire.ts';

interface CompanyRecord {
  readonly entName: string;
  readonly legalName: string;
  readonly legalIdNo: string;
}

interface CardRecord {
  readonly name: string;
  readonly idNo: string;
  readonly mobile: string;
}

interface Verdict {
  readonly resultCode: string;
  readonly message: string;
  readonly serialNo?: string;
  readonly charged?: boolean;
  readonly factors?: Readonly<Record<string, '0' | '1'>>;
}

interface Memory extends AccountMemory {
  register: Record<string, CompanyRecord>;
  cards: Record<string, CardRecord>;
  /** By request number: what was asked (hashed) and the first answer, which is given again for ever. */
  requests: Record<string, { asked: string; verdict: Verdict }>;
  /** By subject: business instants of its mismatches. */
  mismatches: Record<string, number[]>;
  /** By nonce: real instant at which it was seen. */
  nonces: Record<string, number>;
  /** The source that knows the companies of `channelErrorEnding` is down. */
  channelDown: boolean;
}

/** A credit code that ends so belongs to a province whose register cannot be reached (until its people act `channelUp`). */
const channelErrorEnding = '4Y';
const mismatchesMax = 3;
const day = 24 * 3_600_000;

export const cfcaIdv = twin<Memory>({
  name: 'cfca-idv',
  kind: 'cfca',
  dialect: 'idv',
  title: { zh: '身份核验（CFCA）', en: 'Identity verification (CFCA)' },
  settings: { appId: 'lianshu-sandbox' },
  magic: [
    {
      where: 'credit code 统一社会信用代码',
      value: '…4Y',
      effect: 'channel error 渠道异常 (04), until the act channelUp',
    },
    ...accountMagic,
  ],
  enrol: () => {
    const files = { 'idv-secret.txt': randomBytes(32).toString('hex'), 'idv-sm4.txt': randomBytes(16).toString('hex') };
    return { hub: files, twin: files };
  },
  memory: () => ({
    register: Object.fromEntries(companies.map((each) => [each.uscc, recordOf(each)])),
    cards: Object.fromEntries(
      agents.map(({ agent }) => [agent.cardNo ?? '', { name: agent.name, idNo: agent.idNo, mobile: agent.phone }]),
    ),
    ...accountMemory(),
    requests: {},
    mismatches: {},
    nonces: {},
    serial: 0,
    channelDown: true,
  }),
  operationOf: (request) => interfaces[request.path]?.operation,
  handle,
  acts: {
    ...accountActs,
    channelUp: (_args, { memory }) => void (memory.channelDown = false),
    channelDown: (_args, { memory }) => void (memory.channelDown = true),
    /** New registrations become known some days late. */
    register: ({ uscc, entName, legalName, legalIdNo }, { memory }) => {
      memory.register[String(uscc)] = {
        entName: String(entName),
        legalName: String(legalName),
        legalIdNo: String(legalIdNo),
      };
    },
  },
});

function handle(request: TwinRequest, twin: TwinContext<Memory>): TwinAnswer {
  if (!interfaces[request.path]) return json({ message: 'no such interface' }, 404);
  const secret = twin.key('idv-secret.txt');
  const admitted = admit(request, { appId: cfcaIdv.settings['appId'] ?? '', secret, nonces: twin.memory.nonces });
  // Someone we do not know gets no signature of ours.
  if (admitted === 'stranger') return json({ message: 'unknown application' }, 401);
  const status = 'refusal' in admitted ? 400 : 200;
  const answered =
    'refusal' in admitted
      ? { requestNo: admitted.requestNo, ...admitted.refusal }
      : respond(request.path, admitted.fields, twin);
  const body = Buffer.from(JSON.stringify(answered));
  return {
    status,
    headers: answerHeaders(secret, { status, nonce: request.headers['x-idv-nonce'] ?? '', body }),
    body,
  };
}

function respond(path: string, sealedFields: Readonly<Record<string, string>>, twin: TwinContext<Memory>): object {
  const requestNo = sealedFields['requestNo'] ?? '';
  const known = Object.hasOwn(twin.memory.requests, requestNo) ? twin.memory.requests[requestNo] : undefined;
  if (path === '/idv/v1/query') {
    return { requestNo, ...(known?.verdict ?? { resultCode: '06', message: 'no such request' }) };
  }
  const fields = unseal(sealedFields, path, twin.key('idv-sm4.txt'));
  if ('refusal' in fields) return { requestNo, ...fields.refusal };
  const { clear } = fields;
  if (path.startsWith('/idv/v1/account-')) return respondAccount(path, clear, twin);
  const inOrder = Object.keys(clear)
    .toSorted((a, b) => (a < b ? -1 : 1))
    .map((name) => [name, clear[name]]);
  const asked = createHash('sha256')
    .update(JSON.stringify([path, inOrder]))
    .digest('hex');
  if (known && known.asked !== asked)
    return { requestNo, resultCode: 'A7', message: 'the request number was used for other factors' };
  // A channel error settled nothing: the same number may ask again.
  if (known && known.verdict.resultCode !== '04') return { requestNo, ...known.verdict };
  const verdict = check(path === '/idv/v1/enterprise-four', clear, twin);
  twin.memory.requests[requestNo] = { asked, verdict };
  if (verdict.serialNo !== undefined)
    twin.effect('verified', requestNo, { resultCode: verdict.resultCode, billed: verdict.charged === true });
  return { requestNo, ...verdict };
}

function check(enterprise: boolean, asked: Readonly<Record<string, string>>, twin: TwinContext<Memory>): Verdict {
  const { memory } = twin;
  const key = (enterprise ? asked['creditCode'] : asked['cardNo']) ?? '';
  const now = twin.clock.now().getTime();
  const subject = createHash('sha256')
    .update((enterprise ? key : asked['idNo']) ?? '')
    .digest('hex');
  const recent = (memory.mismatches[subject] ?? []).filter((at) => at > now - day);
  if (recent.length >= mismatchesMax) return { resultCode: '05', message: `${mismatchesMax} mismatches within 24 h` };
  if (enterprise && memory.channelDown && key.endsWith(channelErrorEnding))
    return { resultCode: '04', message: 'channel error' };
  const held: CompanyRecord | CardRecord | undefined = enterprise ? own(memory.register, key) : own(memory.cards, key);
  const serialNo = `IDV${String((memory.serial += 1)).padStart(10, '0')}`;
  if (!held) return { resultCode: '03', message: 'not in database', serialNo, charged: false };
  const factors: Record<string, '0' | '1'> = { [enterprise ? 'creditCode' : 'cardNo']: '1' };
  for (const [name, value] of Object.entries(held)) factors[name] = asked[name] === value ? '1' : '0';
  const match = !Object.values(factors).includes('0');
  if (!match) memory.mismatches[subject] = [...recent, now];
  return { resultCode: match ? '01' : '02', message: match ? 'match' : 'mismatch', serialNo, charged: true, factors };
}

function recordOf(company: (typeof companies)[number]): CompanyRecord {
  return { entName: company.name, legalName: company.legalRep.name, legalIdNo: company.legalRep.idNo };
}

function own<T>(table: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}
