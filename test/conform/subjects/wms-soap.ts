/** A warehouse that calls in over SOAP: one UsernameToken proves each call, and the hub answers each with an envelope. */
import { createHash, randomBytes } from 'node:crypto';
import { soapDialect } from '../../../adapters/wms/dialects/soap.ts';
import { wms } from '../../../contracts/wms/wms.ts';
import { wmsSoap } from '../../../sandbox/wms/soap.twin.ts';
import type { Ground } from '../ground.ts';
import { changed } from '../plants.ts';
import { flipped, otherDigit } from '../sealing.ts';
import { type Posted, subject as subjectOf, type TwinKeys } from '../subject.ts';
import { sixDigits } from '../telling.ts';

/** The text of one element of the header is another. */
const inToken = (posted: Posted, name: string, change: (text: string) => string): Posted => ({
  ...posted,
  body: Buffer.from(
    posted.body
      .toString('latin1')
      .replace(
        new RegExp(`(<(?:wsse|wsu):${name}[^>]*>)([^<]*)`),
        (_all, open: string, text: string) => open + change(text),
      ),
    'latin1',
  ),
});

const digestOf = (nonce: Buffer, created: string, password: string) =>
  createHash('sha1').update(nonce).update(created).update(password).digest('base64');

/** A token of its own; the rest of the bytes stays as it is, whatever it holds. */
function signNotice(posted: Posted, how: { body?: Buffer; keys: TwinKeys; ageMs?: number }): Posted {
  const nonce = randomBytes(16);
  const created = new Date(Date.now() - (how.ageMs ?? 0)).toISOString();
  const password = digestOf(nonce, created, how.keys['wssePassword.txt'] ?? '');
  const named = [
    ['Nonce', nonce.toString('base64')],
    ['Created', created],
    ['Password', password],
  ] as const;
  return named.reduce((signed, [name, text]) => inToken(signed, name, () => text), {
    ...posted,
    body: how.body ?? posted.body,
  });
}

const baseLot = 'RKTZ20261123-900000';

/** Lots that lie there, a hundred thousand tonnes of them. */
async function stocked(ground: Ground): Promise<void> {
  await ground.act('announce', { noticeNo: baseLot, kilograms: 100_000_000 });
  await ground.act('receive', { noticeNo: baseLot });
}

function told(
  element: string,
  parts: { field: string; prefix: string; typed?: string; people: string; as?: string; args?: object },
) {
  const { field, prefix, typed, people, as = field, args = {} } = parts;
  const act = (ground: Ground, turn: number) => ground.act(people, { [as]: sixDigits(prefix, turn), ...args });
  return {
    cause: async (ground: Ground, turn: number) => {
      const number = sixDigits(prefix, turn);
      if (typed !== 'announce') await stocked(ground);
      if (typed !== undefined) await ground.act(typed, { [field]: number });
      await act(ground, turn);
      return ({ body }: Posted) => body.includes(`${element}>`) && body.includes(number);
    },
    again: act,
  };
}

export const subject = subjectOf({
  kind: wms,
  vendor: 'soap',
  dialect: soapDialect,
  twin: wmsSoap,
  noticeSeal: {
    sign: signNotice,
    flip: (posted: Posted) => inToken(posted, 'Password', flipped),
    strip: (posted: Posted) => ({
      ...posted,
      body: Buffer.from(posted.body.toString().replace(/<soap:Header>.*<\/soap:Header>/s, '')),
    }),
    // Of what the digest covers: when it was made.
    alter: (posted: Posted) =>
      inToken(posted, 'Created', (created) => otherDigit(Buffer.from(created)).toString('latin1')),
    windowMs: 5 * 60_000,
  },
  taken: (status: number, body: Buffer) => status === 200 && body.includes('<result>taken</result>'),
  operations: {},
  notices: {
    goodsReceived: told('NotifyInbound', {
      field: 'noticeNo',
      prefix: 'RKTZ',
      typed: 'announce',
      people: 'receive',
    }),
    controlConfirmed: told('ConfirmControl', {
      field: 'pledgeNo',
      prefix: 'ZY',
      typed: 'lock',
      people: 'confirmControl',
      as: 'lockCode',
    }),
    goodsOutbound: told('NotifyOutbound', { field: 'releaseNo', prefix: 'FH', typed: 'order', people: 'gateOut' }),
    stockCounted: told('ReportStockCount', {
      field: 'code',
      prefix: 'PD',
      people: 'takeStock',
      args: { less: true },
    }),
    stockChanged: told('ReportStockChange', {
      field: 'code',
      prefix: 'YD',
      people: 'moveStock',
      args: { why: 'loss' },
    }),
  },
  tables: {},
  limits: [
    {
      where: '*notice',
      cases: ['signed-content-altered'],
      why: 'a UsernameToken proves who calls and when, and covers nothing of the message: TLS does. What it covers is altered in forged-before-genuine',
    },
  ],
  bugs: {
    'believes-any-token': {
      what: 'makes the digest itself before it looks at it',
      shows: 'notice',
      plant: (dialect) =>
        changed(dialect, {
          inbound: (inbound, { keys }) => {
            const posted = { method: inbound.method, path: inbound.path, headers: inbound.headers, body: inbound.body };
            const text = inbound.body.toString('latin1');
            const nonce = Buffer.from(/<wsse:Nonce[^>]*>([^<]*)/.exec(text)?.[1] ?? '', 'base64');
            const created = /<wsu:Created[^>]*>([^<]*)<\/wsu:Created><\/wsse:UsernameToken>/.exec(text)?.[1] ?? '';
            const digest = digestOf(nonce, created, keys.secret('wssePassword'));
            return { ...inbound, body: inToken(posted, 'Password', () => digest).body };
          },
        }),
    },
    'forgets-the-time': {
      what: 'takes a token however old it is',
      shows: 'notice',
      plant: (dialect, { twin }) =>
        changed(dialect, {
          inbound: (inbound, { keys, system }) => {
            // As a reader would that puts its own time in place of the sender's, once the digest was right.
            const text = inbound.body.toString('latin1');
            const nonce = Buffer.from(/<wsse:Nonce[^>]*>([^<]*)/.exec(text)?.[1] ?? '', 'base64');
            const created = /<wsu:Created[^>]*>([^<]*)/.exec(text)?.[1] ?? '';
            const shown = /<wsse:Password[^>]*>([^<]*)/.exec(text)?.[1] ?? '';
            const password = keys.secret('wssePassword');
            if (digestOf(nonce, created, password) !== shown || system.kind !== twin.kind) return inbound;
            const posted = { method: inbound.method, path: inbound.path, headers: inbound.headers, body: inbound.body };
            const renewed = signNotice(posted, { keys: { 'wssePassword.txt': password } });
            return { ...inbound, body: renewed.body };
          },
        }),
    },
  },
});
