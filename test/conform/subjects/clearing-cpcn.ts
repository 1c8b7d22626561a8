/** Payment clearing (支付清算) by CPCN: XML in base64 beside a signature, in the body of both requests and answers. */
import { createSign } from 'node:crypto';
import { cpcnDialect } from '../../../adapters/clearing/dialects/cpcn.ts';
import { clearing } from '../../../contracts/clearing/clearing.ts';
import { isFailure } from '../../../contracts/failures.ts';
import { txSnOf } from '../../../mappings/clearing/cpcnTxSn.ts';
import { clearingCpcn } from '../../../sandbox/clearing/cpcn.twin.ts';
import { dealers, funder } from '../../../sandbox/world.ts';
import type { Ground } from '../ground.ts';
import { changed, failureIsNotFound, followsRedirects, forgetsDeadline, unknownIsRefused } from '../plants.ts';
import { flipped, otherDigit } from '../sealing.ts';
import { type Answer, type Asked, type Posted, subject as subjectOf, type TwinKeys } from '../subject.ts';
import { sixDigits, tells } from '../telling.ts';

const sideOf = (party: { name: string; uscc: string; account: object }) => ({
  company: { name: party.name, uscc: party.uscc },
  account: party.account,
});
const [dealer, other] = dealers;
if (!dealer || !other) throw new Error('the world has dealers');
const number = (turn: number) => sixDigits('RP', turn);
const collection = (turn: number) => ({
  instructionNo: number(turn),
  payer: sideOf(dealer),
  payee: sideOf(funder),
  amount: '10.00',
  currency: 'CNY',
  loanNo: 'LN20260901-000007',
  postscript: '归还借款本息',
});

const settle = (ground: Ground, request: object) =>
  ground.act('settle', { TxSN: txSnOf((request as { instructionNo: string }).instructionNo) });

/** Two collections that were settled, asked about in turns. */
async function settled(ground: Ground) {
  for (const turn of [1, 2]) {
    await ground.confirmed('collect', collection(turn));
    await settle(ground, collection(turn));
  }
  return (turn: number) => ({ no: number(1 + (turn % 2)) });
}

const signatureOver = (xml: string | Buffer, keys: TwinKeys) =>
  createSign('RSA-SHA1')
    .update(xml)
    .sign(keys['cpcn-private.pem'] ?? '', 'hex')
    .toUpperCase();

/** `base64,HEX`, or bytes that shall become so. */
function partsOf(body: Buffer): { xml: Buffer; message: string; signature: string } {
  const [message = '', signature = ''] = body.toString('latin1').split(',');
  const composed = /^[A-Za-z0-9+/]+={0,2}$/.test(message) && /^[0-9A-F]+$/.test(signature);
  return composed
    ? { xml: Buffer.from(message, 'base64'), message, signature }
    : { xml: body, message: '', signature: '' };
}

const composed = (xml: Buffer, signature: string) => Buffer.from(`${xml.toString('base64')},${signature}`);

function sign(answer: Answer, _asked: Asked, keys: TwinKeys): Answer {
  const { xml } = partsOf(answer.body);
  return { ...answer, body: composed(xml, signatureOver(xml, keys)) };
}

/** The gateway's own answer with one field another, under its own signature. */
const saying =
  (edit: (xml: string, code: string) => string) =>
  (code: string, genuine: Answer, asked: Asked, keys: TwinKeys): Answer =>
    sign({ ...genuine, body: Buffer.from(edit(partsOf(genuine.body).xml.toString(), code)) }, asked, keys);

const field = (name: string, value: string) => (xml: string) =>
  xml.replace(new RegExp(`<${name}>[^<]*</${name}>`), `<${name}>${value}</${name}>`);

const formOf = (posted: Posted) => {
  const form = new URLSearchParams(posted.body.toString());
  return { xml: Buffer.from(form.get('message') ?? '', 'base64'), signature: form.get('signature') ?? '' };
};
const inForm = (posted: Posted, xml: Buffer, signature: string): Posted => ({
  ...posted,
  body: Buffer.from(new URLSearchParams({ message: xml.toString('base64'), signature }).toString()),
});

/** A body that is no form is the XML that shall be in one; a half or doubled form is left as it is. */
function signNotice(posted: Posted, how: { body?: Buffer; keys: TwinKeys }): Posted {
  if (how.body?.includes('message=')) return { ...posted, body: how.body };
  const xml = how.body ?? formOf(posted).xml;
  return inForm(posted, xml, signatureOver(xml, how.keys));
}

export const subject = subjectOf({
  kind: clearing,
  vendor: 'cpcn',
  dialect: cpcnDialect,
  twin: clearingCpcn,
  answerSeal: {
    sign,
    flip: (answer) => {
      const { xml, signature } = partsOf(answer.body);
      return { ...answer, body: composed(xml, flipped(signature)) };
    },
    strip: (answer) => ({ ...answer, body: Buffer.from(partsOf(answer.body).message) }),
    alter: (answer) => {
      const { xml, signature } = partsOf(answer.body);
      return { ...answer, body: composed(otherDigit(xml), signature) };
    },
    borrow: (answer, earlier) => ({
      ...answer,
      body: composed(partsOf(answer.body).xml, partsOf(earlier.body).signature),
    }),
  },
  noticeSeal: {
    sign: signNotice,
    flip: (posted) => inForm(posted, formOf(posted).xml, flipped(formOf(posted).signature)),
    strip: (posted) => ({
      ...posted,
      body: Buffer.from(new URLSearchParams({ message: formOf(posted).xml.toString('base64') }).toString()),
    }),
    alter: (posted) => inForm(posted, otherDigit(formOf(posted).xml), formOf(posted).signature),
    windowMs: undefined,
  },
  taken: (status: number, body: Buffer) =>
    status === 200 && Buffer.from(body.toString(), 'base64').includes('<Code>2000</Code>'),
  operations: {
    checkAccount: {
      ready: async () => (turn: number) => ({
        requestNo: `AC20261123-00000${turn % 2}`,
        ...sideOf(turn % 2 === 0 ? dealer : other),
      }),
      volatile: ['serialNo'],
    },
    collect: {
      ready: async () => collection,
      effect: 'collected',
      finish: settle,
      conflict: (request: object) => ({ ...request, amount: '11.00' }),
    },
    queryCollection: { ready: settled },
    readCollection: { ready: settled },
  },
  notices: {
    collectionSettled: {
      cause: async (ground: Ground, turn: number) => {
        await ground.confirmed('collect', collection(turn));
        await settle(ground, collection(turn));
        return (posted: Posted) => formOf(posted).xml.includes(number(turn));
      },
      again: (ground: Ground, turn: number) => settle(ground, collection(turn)),
      poll: {
        operation: 'readCollection',
        request: (message: unknown) => ({ no: (message as { instructionNo: string }).instructionNo }),
      },
    },
  },
  tables: {
    'clearing.cpcn.head': {
      by: 'answer',
      operation: 'collect',
      give: saying((xml, code) => field('Code', code)(xml)),
      wrong: (outcome, row) => {
        // Taken before: the dialect asks what became of it. Unknown to a gateway that was told it: no answer at all.
        const due = { taken: 'confirmed', duplicate: 'confirmed', notFound: 'OUTCOME_UNKNOWN' }[String(row)] ?? row;
        const found = outcome.outcome === 'confirmed' ? 'confirmed' : outcome.code;
        return found === due ? undefined : `is ${found} and not ${String(due)}`;
      },
      unmapped: 'Z999',
    },
    'clearing.cpcn.status': {
      by: 'answer',
      operation: 'readCollection',
      give: saying((xml, code) => field('Status', code)(xml)),
      wrong: (outcome, row) =>
        row === 'pending' ? tells('outcome')(outcome, row) : tells('response.status')(outcome, row),
      unmapped: '77',
    },
    'clearing.cpcn.account-result': {
      by: 'answer',
      operation: 'checkAccount',
      give: saying((xml, code) => {
        const [status = '', responseCode = ''] = code.split('/');
        return field('ResponseCode', responseCode)(field('Status', status)(xml));
      }),
      wrong: tells('result'),
      unmapped: '30/X99999',
    },
  },
  limits: [
    {
      where: 'collectionSettled',
      cases: ['signed-too-long-ago', 'signed-in-the-future'],
      why: 'CPCN signs no time: a notice that is played again is the same fact by its identity, and adds nothing',
    },
  ],
  bugs: {
    'believes-any-answer': {
      what: 'reads an answer whose signature does not verify as if it did',
      plant: (dialect) =>
        changed(dialect, {
          act: (act, operation) => async (request, wire) => {
            try {
              return await act(request, wire);
            } catch (thrown) {
              const ours = isFailure(thrown) && thrown.type === 'ANSWER_UNVERIFIED' && operation === 'collect';
              if (!ours) throw thrown;
              return { clearingNo: txSnOf((request as { instructionNo: string }).instructionNo) };
            }
          },
        }),
    },
    'follows-redirects': followsRedirects,
    'forgets-deadline': forgetsDeadline,
    'unknown-is-refused': unknownIsRefused,
    'failure-is-not-found': failureIsNotFound,
  },
});
