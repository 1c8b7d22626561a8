/**
 * A funder by data packages: one file is put for each thing that is asked, and what the funder says lies in signed files. What the suite
 * cannot forge there (it knows no key of a file) is laid there by the funder itself, on its worst days, before a read begins.
 */
import { packageDialect } from '../../../adapters/bank/dialects/package.ts';
import type { Wire } from '../../../adapters/wire.ts';
import { bank } from '../../../contracts/bank/bank.ts';
import { approvalColumns } from '../../../contracts/bank/package.approvals.wire.ts';
import { failures, isFailure, type FailureCode } from '../../../contracts/failures.ts';
import { decisionEnquiry } from '../../../mappings/bank/package.ts';
import { bankPackage, packageUser } from '../../../sandbox/bank/package.twin.ts';
import { signBeside, signToken } from '../../../sandbox/bank/packageSeal.ts';
import { changed, failureIsNotFound, unknownIsRefused } from '../plants.ts';
import { type Answer, type Asked, subject as subjectOf, type TwinKeys } from '../subject.ts';
import { enquiryIs, tells } from '../telling.ts';
import {
  advised,
  advices,
  answered,
  applications,
  collaterals,
  credits,
  decided,
  fedBack,
  feedbackOfMany,
  feedbacks,
  finish,
  oneOfMany,
  pledged,
  released,
  releases,
} from './bank-package.case.ts';

/** The receipt says something else, under the funder's signature. */
async function withReceipt(code: string, genuine: Answer, _asked: Asked, keys: TwinKeys): Promise<Answer> {
  const [, payload = ''] = genuine.body.toString().split('.');
  const said = JSON.parse(Buffer.from(payload, 'base64url').toString()) as { files: object[] };
  const files = said.files.map((file) => ({ ...file, code }));
  const token = await signToken(keys['sign.pem'] ?? '', JSON.stringify({ ...said, code, files }), 'package-receipt');
  return { ...genuine, body: Buffer.from(token) };
}

/** One cell of the lines of a type says something else; the signature, which is read after them, is that of the changed file. */
const withCell = (type: string, column: number) => {
  let last = Buffer.alloc(0);
  return async (code: string, genuine: Answer, asked: Asked, keys: TwinKeys): Promise<Answer> => {
    if (asked.target.endsWith('.sig'))
      return { ...genuine, body: Buffer.from(await signBeside(keys['sign.pem'] ?? '', last)) };
    const lines = genuine.body.toString().split('\r\n');
    const edited = lines.map((line) => {
      const cells = line.split(',');
      return cells[0] === `"${type}"` ? cells.with(column, `"${code}"`).join(',') : line;
    });
    last = Buffer.from(edited.join('\r\n'));
    return { ...genuine, body: last };
  };
};

/** Listens to what is read. */
const reading = (heard: (name: string, bytes: Buffer) => void) => (wire: Wire) => ({
  ...wire,
  get system() {
    return wire.system;
  },
  files: ((use) =>
    wire.files((files) =>
      use({
        ...files,
        get: async (folder, name) => {
          const bytes = await files.get(folder, name);
          heard(name, bytes);
          return bytes;
        },
      }),
    )) as Wire['files'],
});

const noXml =
  'The suite makes these faults inside of XML. These files are none: what is left is the genuine file, byte for byte. Counts and sums are held against the lines before each read (see `decided`).';
const asciiToken = 'A receipt is a token of ASCII characters: in another encoding it is the same bytes.';
const signedBytes =
  'The signature is over the bytes of the file, and nothing in it says how they are encoded: other bytes are not what was signed.';
const registrations = ['queryApplication', 'queryCollateral', 'queryAdvice', 'queryRelease', 'queryFeedback'];
const decisions = ['readDecision', 'readPosting', 'readReleaseDecision', 'readFeedback'];
const xmlOnly = [
  'another-version',
  'no-namespace',
  'utf-8-declared-gbk',
  'count-that-does-not-match',
  'sum-that-does-not-match',
  'amount-twice',
];

export const subject = subjectOf({
  kind: bank,
  vendor: 'package',
  dialect: packageDialect,
  twin: bankPackage,
  files: { user: packageUser, root: 'exchange', orders: '/out', answers: '/in' },
  operations: {
    applyCredit: {
      ready: applications,
      effect: 'applied',
      finish: finish('applicationNo'),
      conflict: (request: object) => ({ ...request, purpose: '其他' }),
    },
    deliverCollateral: {
      ready: collaterals,
      effect: 'custody',
      finish: finish('pledgeNo'),
      conflict: (request: object) => ({ ...request, value: '1.00' }),
    },
    adviseRepayment: {
      ready: advices,
      effect: 'posted',
      finish: finish('repaymentNo', 'post'),
      conflict: (request: object) => ({ ...request, amount: '2.00' }),
    },
    requestRelease: {
      ready: releases,
      effect: 'released',
      finish: finish('releaseNo', 'decideRelease'),
      conflict: (request: object) => ({ ...request, exposureAfter: '1.00' }),
    },
    submitFeedback: {
      ready: feedbacks,
      effect: 'feedback',
      finish: finish('feedbackNo', 'checkFeedback'),
      conflict: (request: object) => ({ ...request, loanNos: ['LN-2'] }),
    },
    queryFeedback: { ready: answered('queryFeedback', 'FEEDBACK', fedBack) },
    readFeedback: { ready: decided('readFeedback', 'checkFeedback', { ...fedBack, maker: feedbackOfMany }) },
    queryApplication: { ready: answered('queryApplication', 'CREDIT', credits) },
    queryCollateral: { ready: answered('queryCollateral', 'COLLATERAL', pledged) },
    queryAdvice: { ready: answered('queryAdvice', 'REPAYMENT', advised) },
    queryRelease: { ready: answered('queryRelease', 'RELEASE', released) },
    readDecision: { ready: decided('readDecision', 'decide', { ...credits, maker: oneOfMany }) },
    readPosting: { ready: decided('readPosting', 'post', advised) },
    readReleaseDecision: { ready: decided('readReleaseDecision', 'decideRelease', released) },
  },
  notices: {},
  tables: {
    'bank.package.receipt': {
      by: 'answer',
      operation: 'queryApplication',
      give: withReceipt,
      wrong: (outcome, row) => {
        if (row === 'taken' || row === 'duplicate') return enquiryIs(outcome, 'confirmed');
        const code = row === 'again' ? 'SYSTEM_REFUSED' : row;
        if (!Object.hasOwn(failures, code as FailureCode)) return 'is no failure';
        return enquiryIs(outcome, 'refused') ?? tells('code')(outcome, code);
      },
      unmapped: '99',
    },
    'bank.package.verdict': {
      by: 'answer',
      operation: 'readDecision',
      give: withCell('C', 3),
      wrong: tells('response.verdict'),
      unmapped: '3',
    },
    'bank.package.day-count': {
      by: 'answer',
      operation: 'readDecision',
      give: withCell('C', 7),
      wrong: tells('response.terms.dayCount'),
      unmapped: '03',
    },
    'bank.package.posting': {
      by: 'answer',
      operation: 'readPosting',
      give: withCell('P', 3),
      wrong: (outcome, row) => enquiryIs(outcome, row === 'posted' ? 'confirmed' : 'refused'),
      unmapped: '3',
    },
    'bank.package.product': {
      by: 'request',
      operation: 'applyCredit',
      ask: (product, request) => ({ ...request, product }),
      unmapped: undefined,
    },
    'bank.package.currency': {
      by: 'request',
      operation: 'applyCredit',
      ask: (currency, request) => ({ ...request, currency }),
      unmapped: 'USD',
    },
  },
  limits: [
    { where: '*', cases: xmlOnly, why: noXml },
    ...registrations.map((where) => ({ where, cases: ['gbk-undeclared'], why: asciiToken })),
    { where: '*', cases: ['byte-order-mark'], why: signedBytes },
    ...decisions.map((where) => ({ where, cases: ['gb18030-declared'], why: signedBytes })),
  ],
  bugs: {
    'believes-any-trailer': {
      what: 'believes a file of approvals whose trailer does not match its lines',
      plant: (dialect) => {
        let last: Buffer = Buffer.alloc(0);
        return changed(dialect, {
          wire: reading((name, bytes) => {
            if (name.endsWith('.csv')) last = bytes;
          }),
          act: (own, operation) => async (request, wire) => {
            try {
              return await own(request, wire);
            } catch (thrown) {
              if (operation !== 'readDecision' || !/its trailer says/.test(String(thrown))) throw thrown;
              const { no: asked } = request as { no: string };
              const cells = last
                .toString()
                .split('\r\n')
                .map((line) => line.slice(1, -1).split('","'));
              const line = cells.find(([type, number]) => type === 'C' && number === asked) ?? [];
              const fields = approvalColumns.C.map((column, at) => [column, line[at + 1] ?? '']);
              const filled = Object.fromEntries(fields.filter(([, cell]) => cell !== ''));
              return decisionEnquiry({ packageNo: `PKG-${asked}`, there: true, line: filled as never });
            }
          },
        });
      },
    },
    'believes-any-receipt': {
      what: 'takes a receipt before holding its hashes against the package that lies there',
      plant: (dialect) =>
        changed(dialect, {
          act: (own, operation) => async (request, wire) => {
            try {
              return await own(request, wire);
            } catch (thrown) {
              if (operation !== 'queryApplication' || !/the bytes that it is about/.test(String(thrown))) throw thrown;
              const funderRef = `PKG-${(request as { no: string }).no}`;
              return { outcome: 'confirmed', response: { funderRef } };
            }
          },
        }),
    },
    'believes-any-signature': {
      what: 'believes a receipt whose signature does not verify',
      plant: (dialect) =>
        changed(dialect, {
          act: (own, operation) => async (request, wire) => {
            try {
              return await own(request, wire);
            } catch (thrown) {
              if (operation !== 'queryApplication' || !/signature does not verify/.test(String(thrown))) throw thrown;
              const funderRef = `PKG-${(request as { no: string }).no}`;
              return { outcome: 'confirmed', response: { funderRef } };
            }
          },
        }),
    },
    'same-number-same-content': {
      what: 'takes whatever lies there under the number for its own',
      plant: (dialect) =>
        changed(dialect, {
          act: (own, operation) => async (request, wire) => {
            try {
              return await own(request, wire);
            } catch (thrown) {
              if (operation !== 'applyCredit' || !isFailure(thrown) || thrown.type !== 'IDEMPOTENCY_CONFLICT')
                throw thrown;
              return { funderRef: `PKG-${(request as { applicationNo: string }).applicationNo}` };
            }
          },
        }),
    },
    'unknown-is-refused': unknownIsRefused,
    'failure-is-not-found': failureIsNotFound,
  },
});
