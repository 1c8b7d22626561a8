/** SAP S/4HANA: SOAP-RFC, OData and IDocs. SAP signs nothing; a password is all that it shows. */
import type { Dialect } from '../../../adapters/adapter.ts';
import { s4Dialect } from '../../../adapters/sap/dialects/s4.ts';
import type { Kind } from '../../../contracts/kind.ts';
import { sap } from '../../../contracts/sap/sap.ts';
import { isFailure } from '../../../contracts/failures.ts';
import { sapS4 } from '../../../sandbox/sap/s4.twin.ts';
import type { Ground } from '../ground.ts';
import { changed, followsRedirects, forgetsDeadline, sending, sendsAgain, unknownIsRefused } from '../plants.ts';
import { flipped, withHeader } from '../sealing.ts';
import { type Posted, subject as subjectOf, type TwinKeys } from '../subject.ts';
import {
  changes,
  clearing,
  clearings,
  confirmed,
  orderNo,
  placed,
  tables,
  told,
  two,
  unconfirmed,
} from './sap-s4.case.ts';

const basic = (password: string) => `Basic ${Buffer.from(`SAP_S4:${password}`).toString('base64')}`;

const signNotice = (posted: Posted, how: { body?: Buffer; keys: TwinKeys }): Posted => ({
  ...withHeader(posted, 'authorization', basic(how.keys['inbound-password.txt'] ?? '')),
  body: how.body ?? posted.body,
});

/** The mistake is in one operation alone. */
const inOne = (dialect: Dialect<Kind>, mistaken: Dialect<Kind>, operation: string): Dialect<Kind> => ({
  ...dialect,
  operations: { ...dialect.operations, [operation]: mistaken.operations[operation] },
});

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
    readOrder: { ready: two(undefined, 'orders', 'orderNo'), volatile: ['readAt'] },
    readOpenItems: {
      ready: async () => (turn: number) => ({
        companyCode: '1000',
        customerNo: turn % 2 === 0 ? '17101' : '17102',
        keyDate: '2026-11-23',
      }),
    },
    readPurchaseOrder: {
      ready: async () => (turn: number) => ({ purchaseOrderNo: turn % 2 === 0 ? '4500000101' : '4500000102' }),
      volatile: ['readAt'],
    },
    readDeliveryStatus: { ready: two('deliver', 'orders', 'orderNo'), volatile: ['readAt'] },
    readDelivery: { ready: two('deliver', 'deliveries', 'deliveryNo'), volatile: ['readAt'] },
    readBilling: { ready: two('bill', 'billings', 'billingNo'), volatile: ['readAt'] },
    readChanges: { steps: [{ kind: 'read' }, { kind: 'read' }], ready: changes },
    postClearing: {
      // Looked for, posted, committed.
      steps: [{ kind: 'prepare' }, { kind: 'prepare' }, { kind: 'effect' }],
      ready: async () => clearing,
      effect: 'posted',
    },
    queryClearing: { ready: clearings },
    acknowledgeIdoc: { ready: unconfirmed, effect: 'confirmed' },
    queryAcknowledgement: { ready: confirmed },
  },
  notices: {
    orderPlaced: {
      cause: async (ground: Ground, turn: number) => {
        await placed(ground, turn);
        return (posted: Posted) => posted.body.includes(orderNo(turn));
      },
    },
    delivered: { cause: told('issueGoods', 'DELVRY07') },
    billed: { cause: told('bill', 'INVOIC02') },
    orderChanged: { cause: told('changeOrder', 'SalesOrder.Changed', { quantity: '90.000' }) },
  },
  tables,
  limits: [
    {
      where: '*notice',
      cases: ['signed-content-altered', 'forged-before-genuine', 'signed-by-our-own-key'],
      why: 'SAP cannot sign: a password and the agreed sender are all that it shows, over TLS (adapters/sap/README.md)',
    },
    {
      where: '*notice',
      cases: ['signed-too-long-ago', 'signed-in-the-future'],
      why: 'an IDoc carries no signed time: one that is sent again is the same order by its number, and adds nothing',
    },
    {
      where: 'acknowledgeIdoc',
      cases: ['answer-of-another-request'],
      why: '/sap/bc/idoc_xml has one page for every IDoc that it took; the status of the IDoc is read afterwards',
    },
  ],
  bugs: {
    'posts-twice-in-a-session': {
      what: 'sends again by itself when no answer came: two documents under one commit',
      plant: (dialect, subject) => inOne(dialect, sendsAgain.plant(dialect, subject), 'postClearing'),
    },
    'commits-elsewhere': {
      what: 'commits in a session of its own, where nothing was posted, and believes the success',
      plant: (dialect) =>
        changed(dialect, {
          wire: sending((send) => async (request) => {
            if (!request.body?.includes('BAPI_TRANSACTION_COMMIT')) return send(request);
            const { cookie: _, ...headers } = request.headers;
            const answer = await send({ ...request, headers });
            const { 'set-cookie': __, ...others } = answer.headers;
            return { ...answer, headers: others };
          }),
        }),
    },
    'reads-one-page': {
      what: 'takes the first page of what changed for all of it',
      plant: (dialect) =>
        changed(dialect, {
          wire: sending((send) => async (request) => {
            const answer = await send(request);
            if (!request.path.includes('API_SALES_ORDER_SRV')) return answer;
            const text = answer.body.toString().replace(/,"__(count|next)":"[^"]*"/g, '');
            return { ...answer, body: Buffer.from(text) };
          }),
        }),
    },
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
