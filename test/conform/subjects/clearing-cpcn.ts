/** Payment clearing (支付清算) by CPCN: XML in base64 beside a signature, in the body of both requests and answers. */
import type { Outcome } from '../../../adapters/adapter.ts';
import { cpcnDialect } from '../../../adapters/clearing/dialects/cpcn.ts';
import { clearing } from '../../../contracts/clearing/clearing.ts';
import { isFailure } from '../../../contracts/failures.ts';
import { txSnOf } from '../../../mappings/clearing/cpcnTxSn.ts';
import { clearingCpcn } from '../../../sandbox/clearing/cpcn.twin.ts';
import { dealers, funder, warehouse } from '../../../sandbox/world.ts';
import type { Ground } from '../ground.ts';
import { changed, failureIsNotFound, followsRedirects, forgetsDeadline, unknownIsRefused } from '../plants.ts';
import { flipped, otherDigit } from '../sealing.ts';
import { type Posted, subject as subjectOf } from '../subject.ts';
import { tells } from '../telling.ts';
import {
  collection,
  number,
  opening,
  openingDone,
  openingNo,
  refundable,
  refundDone,
  refundNo,
  review,
  settle,
  settled,
  settleRefund,
  sideOf,
  split,
  splitDone,
  splitNo,
} from './clearing-cpcn.case.ts';
import { composed, field, formOf, inForm, partsOf, saying, sign, signNotice } from './clearing-cpcn.seal.ts';

const [dealer, other] = dealers;
if (!dealer || !other) throw new Error('the world has dealers');

const numberTold = (message: unknown) => ({ no: (message as { instructionNo: string }).instructionNo });
const about = (no: string) => (posted: Posted) => formOf(posted).xml.includes(`SN>${txSnOf(no)}<`);

const opened = (outcome: Outcome, row: unknown, otherwise: string) =>
  row === 'pending'
    ? tells('outcome')(outcome, row)
    : tells('response.status', () => (row === 'failed' ? otherwise : 'opened'))(outcome, row);
const statusTold = (path: string) => (outcome: Outcome, row: unknown) =>
  row === 'pending' ? tells('outcome')(outcome, row) : tells(path)(outcome, row);

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
    split: {
      ready: async () => split,
      effect: 'split',
      finish: settle,
      conflict: (request: object) => ({
        ...request,
        parts: [
          { partNo: 1, payee: sideOf(funder), amount: '6.00' },
          { partNo: 2, payee: sideOf(warehouse), amount: '4.01' },
        ],
      }),
    },
    querySplit: { ready: splitDone },
    readSplit: { ready: splitDone },
    refund: {
      ready: async (ground: Ground) => (turn: number) => refundable(ground, turn),
      effect: 'refunded',
      finish: settleRefund,
      conflict: (request: object) => ({ ...request, amount: '5.00' }),
    },
    queryRefund: { ready: refundDone },
    readRefund: { ready: refundDone },
    openAccount: { ready: async () => opening, effect: 'opened', finish: review },
    queryOpening: { ready: openingDone },
    readOpening: { ready: openingDone },
    readBalance: { ready: async () => (turn: number) => ({ uscc: (turn % 2 === 0 ? dealer : other).uscc }) },
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
        request: numberTold,
      },
    },
    splitSettled: {
      cause: async (ground: Ground, turn: number) => {
        await ground.confirmed('split', split(turn));
        await settle(ground, split(turn));
        return about(splitNo(turn));
      },
      again: (ground: Ground, turn: number) => settle(ground, split(turn)),
      poll: { operation: 'readSplit', request: numberTold },
    },
    refundSettled: {
      cause: async (ground: Ground, turn: number) => {
        const request = await refundable(ground, turn);
        await ground.confirmed('refund', request);
        await settleRefund(ground, request);
        return about(refundNo(turn));
      },
      again: (ground: Ground, turn: number) => settleRefund(ground, { instructionNo: refundNo(turn) }),
      poll: { operation: 'readRefund', request: numberTold },
    },
    accountChanged: {
      cause: async (ground: Ground, turn: number) => {
        await ground.confirmed('openAccount', opening(turn));
        await review(ground, opening(turn));
        return about(openingNo(turn));
      },
      again: (ground: Ground, turn: number) => review(ground, opening(turn)),
      poll: {
        operation: 'readOpening',
        request: (message: unknown) => ({ no: (message as { requestNo: string }).requestNo }),
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
      wrong: statusTold('response.status'),
      unmapped: '77',
    },
    'clearing.cpcn.split-status': {
      by: 'answer',
      operation: 'readSplit',
      // The first of two parts.
      give: saying((xml, code) => field('SplitStatus', code)(xml)),
      wrong: (outcome, row) =>
        row === 'pending'
          ? tells('outcome')(outcome, row)
          : tells('response.status', () => (row === 'failed' ? 'partly' : 'succeeded'))(outcome, row),
      unmapped: '77',
    },
    'clearing.cpcn.refund-status': {
      by: 'answer',
      operation: 'readRefund',
      give: saying((xml, code) => field('Status', code)(xml)),
      wrong: statusTold('response.status'),
      unmapped: '77',
    },
    'clearing.cpcn.opening-status': {
      by: 'answer',
      operation: 'readOpening',
      give: saying((xml, code) => field('Status', code)(xml)),
      wrong: (outcome, row) => opened(outcome, row, 'refused'),
      unmapped: '77',
    },
    'clearing.cpcn.binding-status': {
      by: 'answer',
      operation: 'readOpening',
      give: saying((xml, code) => field('BindingStatus', code)(xml)),
      wrong: (outcome, row) => opened(outcome, row, 'openedUnbound'),
      unmapped: '77',
    },
    'clearing.cpcn.account-status': {
      by: 'answer',
      operation: 'readBalance',
      give: saying((xml, code) => field('Status', code)(xml)),
      wrong: tells('status'),
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
      where: '*',
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
    'believes-any-part': {
      what: 'tells a split as done when one receiver has its part',
      shows: 'table',
      plant: (dialect) =>
        changed(dialect, {
          act: (act, operation) => async (request, wire) => {
            const answer = await act(request, wire);
            const told = answer as { response?: { status?: string } };
            const partly = operation === 'readSplit' && told.response?.status === 'partly';
            return partly ? { ...told, response: { ...told.response, status: 'succeeded' } } : answer;
          },
        }),
    },
    'follows-redirects': followsRedirects,
    'forgets-deadline': forgetsDeadline,
    'unknown-is-refused': unknownIsRefused,
    'failure-is-not-found': failureIsNotFound,
  },
});
