/** SAP S/4HANA: reads by SOAP-RFC, orders pushed as IDoc. SAP signs nothing; a password is all that it shows. */
import { s4Dialect } from '../../../adapters/sap/dialects/s4.ts';
import { sap } from '../../../contracts/sap/sap.ts';
import { isFailure } from '../../../contracts/failures.ts';
import { sapS4 } from '../../../sandbox/sap/s4.twin.ts';
import type { Ground } from '../ground.ts';
import { changed, followsRedirects, forgetsDeadline, unknownIsRefused } from '../plants.ts';
import { flipped, withHeader } from '../sealing.ts';
import { type Answer, type Posted, subject as subjectOf, type TwinKeys } from '../subject.ts';
import { tells, valueAt } from '../telling.ts';

const orderNo = (turn: number) => String(4_600_000_000 + turn);

const placed = (ground: Ground, turn: number) =>
  ground.act('placeOrder', { orderNo: orderNo(turn), quantity: `${100 + turn}.000` });

const basic = (password: string) => `Basic ${Buffer.from(`SAP_S4:${password}`).toString('base64')}`;

const signNotice = (posted: Posted, how: { body?: Buffer; keys: TwinKeys }): Posted => ({
  ...withHeader(posted, 'authorization', basic(how.keys['inbound-password.txt'] ?? '')),
  body: how.body ?? posted.body,
});

/** Fields of the answer, wherever they stand. */
const fields =
  (values: (code: string) => Readonly<Record<string, string>>) =>
  (code: string, genuine: Answer): Answer => {
    let xml = genuine.body.toString();
    for (const [name, value] of Object.entries(values(code)))
      xml = xml.replaceAll(new RegExp(`<${name}>[^<]*</${name}>`, 'g'), `<${name}>${value}</${name}>`);
    return { ...genuine, body: Buffer.from(xml) };
  };

export const subject = subjectOf({
  kind: sap,
  vendor: 's4',
  dialect: s4Dialect,
  twin: sapS4,
  noticeSeal: {
    sign: signNotice,
    flip: (posted) => {
      const password = Buffer.from(posted.headers['authorization']?.slice(6) ?? '', 'base64')
        .toString()
        .slice(7);
      return withHeader(posted, 'authorization', basic(flipped(password)));
    },
    strip: (posted) => withHeader(posted, 'authorization', undefined),
    alter: (posted) => posted,
    windowMs: undefined,
  },
  taken: (status: number) => status === 200,
  operations: {
    readOrder: {
      ready: async (ground: Ground) => {
        for (const turn of [1, 2]) await placed(ground, turn);
        return (turn: number) => ({ orderNo: orderNo(1 + (turn % 2)) });
      },
      volatile: ['readAt'],
    },
    readOpenItems: {
      ready: async () => (turn: number) => ({
        companyCode: '1000',
        customerNo: turn % 2 === 0 ? '17101' : '17102',
        keyDate: '2026-11-23',
      }),
    },
  },
  notices: {
    orderPlaced: {
      cause: async (ground: Ground, turn: number) => {
        await placed(ground, turn);
        return (posted: Posted) => posted.body.includes(orderNo(turn));
      },
    },
  },
  tables: {
    'sap.s4.currency': {
      by: 'answer',
      operation: 'readOrder',
      give: fields((code) => ({ CURRENCY: code, CURREN_ISO: code })),
      wrong: tells('currency'),
      unmapped: 'QQQ',
    },
    'sap.s4.delivery-status': {
      by: 'answer',
      operation: 'readOrder',
      give: fields((code) => ({ DLV_STAT_H: code })),
      wrong: tells('status'),
      unmapped: 'Z',
    },
    'sap.s4.unit': {
      by: 'answer',
      operation: 'readOrder',
      give: fields((code) => ({ SALES_UNIT: code, ISOCODUNIT: code, COND_UNIT: code })),
      // Goods are pledged by the tonne: other units of mass are turned into it.
      wrong: (outcome, row) =>
        outcome.outcome === 'confirmed' && [row, 'TNE'].includes(valueAt(outcome.response, 'lines.0.unit'))
          ? undefined
          : 'is another unit',
      unmapped: 'TON',
    },
    'sap.s4.return-type': {
      by: 'answer',
      operation: 'readOpenItems',
      give: fields((code) => ({ TYPE: code, CODE: 'FN021' })),
      wrong: (outcome, row) =>
        outcome.outcome === (row === 'done' ? 'confirmed' : 'refused') ? undefined : 'means something else',
      unmapped: 'X',
    },
    'sap.s4.side': {
      by: 'answer',
      operation: 'readOpenItems',
      give: fields((code) => ({ DB_CR_IND: code })),
      wrong: tells('items.0.side'),
      unmapped: 'K',
    },
  },
  limits: [
    {
      where: 'orderPlaced',
      cases: ['signed-content-altered', 'forged-before-genuine', 'signed-by-our-own-key'],
      why: 'SAP cannot sign: a password and the agreed sender are all that it shows, over TLS (adapters/sap/README.md)',
    },
    {
      where: 'orderPlaced',
      cases: ['signed-too-long-ago', 'signed-in-the-future'],
      why: 'an IDoc carries no signed time: one that is sent again is the same order by its number, and adds nothing',
    },
  ],
  bugs: {
    'fault-is-no-order': {
      what: 'takes any answer that it cannot read for "there is no such order"',
      plant: (dialect) =>
        changed(dialect, {
          act: (act, operation) => async (request, wire) => {
            try {
              return await act(request, wire);
            } catch (thrown) {
              if (operation !== 'readOpenItems' || !isFailure(thrown)) throw thrown;
              const { customerNo, keyDate } = request as { customerNo: string; keyDate: string };
              return { customerNo, keyDate, total: '0.00', items: [] };
            }
          },
        }),
    },
    'believes-any-sender': {
      what: 'looks at no password',
      shows: 'notice',
      plant: (dialect) =>
        changed(dialect, {
          inbound: (inbound, { keys }) => ({
            ...inbound,
            headers: { ...inbound.headers, authorization: basic(keys.secret('inbound-password')) },
          }),
        }),
    },
    'follows-redirects': followsRedirects,
    'forgets-deadline': forgetsDeadline,
    'unknown-is-refused': unknownIsRefused,
  },
});
