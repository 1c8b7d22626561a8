/** A bank by files: an order is put there, and what the bank says is read. Nothing is signed but the connection. */
import { iso20022Dialect } from '../../../adapters/bank/dialects/iso20022.ts';
import * as given from '../../../adapters/bank/case.fixture.ts';
import type { Wire } from '../../../adapters/wire.ts';
import { bank } from '../../../contracts/bank/bank.ts';
import { failures, type FailureCode } from '../../../contracts/failures.ts';
import { bankIso20022, isoUser } from '../../../sandbox/bank/iso20022.twin.ts';
import { funder } from '../../../sandbox/world.ts';
import type { Ground } from '../ground.ts';
import { changed, failureIsNotFound, unknownIsRefused } from '../plants.ts';
import { type Answer, subject as subjectOf } from '../subject.ts';
import { enquiryIs, sixDigits, tells } from '../telling.ts';

const instruction = (turn: number) => ({
  ...given.disbursement,
  instructionNo: sixDigits('PI', turn),
  funderRef: 'BR-1',
  amount: '10.00',
});
const settle = (ground: Ground, request: object) =>
  ground.act('settle', { instructionNo: (request as { instructionNo: string }).instructionNo });

/** Two that are paid, asked about in turns. */
const paid = async (ground: Ground) => {
  for (const turn of [1, 2]) {
    await ground.confirmed('disburse', instruction(turn));
    await settle(ground, instruction(turn));
  }
  return (turn: number) => ({ no: instruction(1 + (turn % 2)).instructionNo });
};

const days = ['2026-11-23', '2026-11-24'] as const;
const closed = async (ground: Ground) => {
  await paid(ground);
  await ground.act('deposit', { amount: '77.00' });
  for (const on of days) await ground.act('closeDay', { on, whole: true });
  return (turn: number) => ({ accountNo: funder.account.accountNo, date: days[turn % 2] });
};

/** All status files say this. */
const status = (change: (text: string, code: string) => string) => (code: string, genuine: Answer) => ({
  ...genuine,
  body: Buffer.from(change(genuine.body.toString(), code)),
});
const coded = (text: string, code: string) =>
  text.replaceAll(/<(TxSts|GrpSts)>\w+</g, `<$1>${code}<`).replaceAll(/<StsRsnInf>.*?<\/StsRsnInf>/g, '');
const refusedFor = (text: string, reason: string) =>
  coded(text, 'RJCT').replace('</TxSts>', `</TxSts><StsRsnInf><Rsn><Cd>${reason}</Cd></Rsn></StsRsnInf>`);
const firstLine = (path: 'entry' | 'currency') => tells(`lines.0.${path}`);

export const subject = subjectOf({
  kind: bank,
  vendor: 'iso20022',
  dialect: iso20022Dialect,
  twin: bankIso20022,
  files: { user: isoUser, root: 'exchange', orders: '/out', answers: '/in' },
  operations: {
    disburse: {
      ready: async () => instruction,
      effect: 'disbursed',
      finish: settle,
      conflict: (request: object) => ({ ...request, amount: '11.00' }),
    },
    queryDisbursement: { ready: paid },
    readSettlement: { ready: paid },
    readStatement: { ready: closed, steps: [{ kind: 'read', companion: true }] },
  },
  notices: {},
  tables: {
    'bank.iso20022.status': {
      by: 'answer',
      operation: 'queryDisbursement',
      give: status(coded),
      wrong: (outcome, row) => {
        if (row === 'inParts') return outcome.outcome === 'unknown' ? undefined : 'is not unknown';
        return enquiryIs(outcome, row === 'refused' ? 'refused' : 'confirmed');
      },
      unmapped: 'BLCK',
    },
    'bank.iso20022.reason': {
      by: 'answer',
      operation: 'queryDisbursement',
      give: status(refusedFor),
      wrong: (outcome, row) =>
        row === 'duplicate'
          ? enquiryIs(outcome, 'confirmed')
          : Object.hasOwn(failures, row as FailureCode)
            ? (enquiryIs(outcome, 'refused') ?? tells('code')(outcome, row))
            : 'is no failure',
      unmapped: 'XX99',
    },
    'bank.iso20022.entry': {
      by: 'answer',
      operation: 'readStatement',
      ask: () => ({ accountNo: funder.account.accountNo, date: days[0] }),
      give: status((text, code) => {
        const [domain, family, subfamily] = code.split('/');
        const structured = `<Domn><Cd>${domain}</Cd><Fmly><Cd>${family}</Cd><SubFmlyCd>${subfamily}</SubFmlyCd></Fmly></Domn>`;
        return text.replaceAll(/<Domn>.*?<\/Domn>/g, structured);
      }),
      wrong: firstLine('entry'),
      unmapped: 'PMNT/XXXX/YYYY',
    },
    'bank.iso20022.balance': {
      by: 'answer',
      operation: 'readStatement',
      ask: () => ({ accountNo: funder.account.accountNo, date: days[1] }),
      give: status((text, code) => text.replace('<Cd>CLBD<', '<Cd>CLAV<').replace('<Cd>OPBD<', `<Cd>${code}<`)),
      wrong: (outcome, row) => {
        if (outcome.outcome !== 'confirmed') return 'is not confirmed';
        const { opening, closing } = outcome.response as { opening?: string; closing?: string };
        const due = [row === 'opening', row === 'closing'];
        return due[0] === (opening !== undefined) && due[1] === (closing !== undefined) ? undefined : 'tells others';
      },
      unmapped: 'XXBD',
    },
    'bank.iso20022.entry-state': {
      by: 'answer',
      operation: 'readSettlement',
      give: status((text, code) => text.replace('<Cd>BOOK<', `<Cd>${code}<`)),
      // What is not booked has not moved; the status file still says that it was paid.
      wrong: (outcome) => tells('response.status')(outcome, 'succeeded'),
      unmapped: 'XXXX',
    },
    'bank.iso20022.currency': {
      by: 'request',
      operation: 'disburse',
      ask: (currency, request) => ({ ...request, currency }),
      unmapped: 'USD',
    },
  },
  limits: [],
  bugs: {
    'any-file-will-do': {
      what: 'believes whatever lies under the name of a status file',
      plant: (dialect) =>
        changed(dialect, {
          act: (own, operation) => async (request, wire) => {
            try {
              return await own(request, wire);
            } catch (thrown) {
              if (operation !== 'queryDisbursement') throw thrown;
              const { no } = request as { no: string };
              return { outcome: 'confirmed', response: { bankNo: `MSG-${no}` } };
            }
          },
        }),
    },
    'writes-under-the-name': {
      what: 'puts again under another name when the line broke, so that one instruction is two files',
      plant: (dialect) =>
        changed(dialect, {
          wire: (wire: Wire) => ({
            ...wire,
            get system() {
              return wire.system;
            },
            files: (use) =>
              wire.files((files) =>
                use({
                  ...files,
                  put: (folder, name, bytes, how) =>
                    files.put(folder, name, bytes, how).catch(() => files.put(folder, `${name}.2.xml`, bytes, how)),
                }),
              ),
          }),
        }),
    },
    'another-file-is-the-same': {
      what: 'takes whatever lies there under the name for its own',
      plant: (dialect) =>
        changed(dialect, {
          wire: (wire: Wire) => ({
            ...wire,
            get system() {
              return wire.system;
            },
            files: (use) =>
              wire.files((files) =>
                use({
                  ...files,
                  put: (folder, name, bytes, how) => files.put(folder, name, bytes, { ...how, same: () => true }),
                }),
              ),
          }),
        }),
    },
    'unknown-is-refused': unknownIsRefused,
    'failure-is-not-found': failureIsNotFound,
  },
});
