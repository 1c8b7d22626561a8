/**
 * A bank that is reached by files: orders are put into `/out` of its server, and what it says lies in `/in`. Who answers is known
 * by the host key of the connection; the files themselves are not signed.
 *
 * An order that lies in `/out` under its name is taken. One instruction is one name: putting it again finds it there.
 */
import { createHash } from 'node:crypto';
import type { bank } from '../../../contracts/bank/bank.ts';
import {
  answerFileOf,
  companionLine,
  folders,
  IsoAccountNo,
  IsoNotification,
  IsoNumber,
  IsoOrder,
  IsoOrdering,
  IsoStatement,
  IsoStatus,
  messageIdOf,
  namespaces,
  notificationAbout,
  orderFile,
  statementAbout,
  statusAbout,
} from '../../../contracts/bank/iso20022.wire.ts';
import type { Contract, Message } from '../../../contracts/contract.ts';
import { Failure, isFailure } from '../../../contracts/failures.ts';
import { disbursementEnquiry, settlementEnquiry, toOrder } from '../../../mappings/bank/iso20022.ts';
import { statementOf } from '../../../mappings/bank/iso20022.statement.ts';
import type { Dialect } from '../../adapter.ts';
import type { FileEntry, Files } from '../../sftpFiles.ts';
import type { Wire } from '../../wire.ts';
import { readIso, writeIso } from './iso20022Xml.ts';

/** Files about one thing: a bank that writes more has lost its way. */
const filesMax = 50;
const statementsMax = 14;
const companionBytesMax = 400;
const beijingMs = 8 * 3_600_000;

export const iso20022Dialect: Dialect<typeof bank> = {
  operations: {
    disburse: async (request, wire) => {
      const name = orderFile(IsoNumber.check(request.instructionNo));
      const createdAt = `${beijing(wire.now()).toISOString().slice(0, 19)}+08:00`;
      const written = (stamp: { createdAt: string; executeOn: string }) =>
        writeIso(namespaces.order, toOrder(IsoOrdering.check({ instruction: request, ...parties(wire), ...stamp })));
      const bytes = written({ createdAt, executeOn: createdAt.slice(0, 10) });
      // What lies there was written earlier: the same instruction differs in nothing but the time.
      const same = (there: Buffer) => {
        const stamp = stampIn(there);
        return stamp !== undefined && written(stamp).equals(there);
      };
      await wire.files((files) => files.put(folders.orders, name, bytes, { same, ...companionOf(wire, name, bytes) }));
      return { bankNo: messageIdOf(request.instructionNo) };
    },
    queryDisbursement: ({ no }, wire) => wire.files(async (files) => disbursementEnquiry(await said(files, wire, no))),
    readSettlement: ({ no }, wire) =>
      wire.files(async (files) => settlementEnquiry(await said(files, wire, no, { settlement: true }))),
    readStatement: ({ accountNo, date }, wire) =>
      wire.files(async (files) => {
        const about = statementAbout(IsoAccountNo.check(accountNo), date);
        const entries = await files.list(folders.answers);
        const name = newest(entries, about);
        if (name === undefined) throw new Failure('FILE_NOT_READY', { detail: `there is no whole ${about} yet` });
        const statement = await statementIn(files, name);
        return statementOf({ accountNo, date, sequence: answerFileOf(name)?.sequence ?? 0, statement });
      }),
  },
};

/** All that lies there about one instruction. The order is looked for first: who answers it leaves it there. */
async function said(files: Files, wire: Wire, no: string, also: { settlement?: boolean } = {}) {
  const instructionNo = IsoNumber.check(no);
  const name = orderFile(instructionNo);
  const orders = new Set((await files.list(folders.orders)).map((entry) => entry.name));
  const entries = await files.list(folders.answers);
  const read = async <C extends Contract>(about: string, namespace: string, contract: C) => {
    const found: Message<C>[] = [];
    for (const file of namesAbout(entries, about))
      found.push(readIso(await files.get(folders.answers, file), namespace, contract));
    return found;
  };
  const statuses = await read(statusAbout(instructionNo), namespaces.status, IsoStatus);
  const ordered = orders.has(name) && (!needsCompanion(wire) || orders.has(`${name}.ok`));
  const order = ordered && also.settlement ? await files.get(folders.orders, name) : undefined;
  return {
    instructionNo,
    ordered,
    ...(order ? { orderedAmount: readIso(order, namespaces.order, IsoOrder).CstmrCdtTrfInitn.GrpHdr.CtrlSum } : {}),
    statuses,
    notifications: also.settlement
      ? await read(notificationAbout(instructionNo), namespaces.notification, IsoNotification)
      : [],
    statements: also.settlement && statuses.length > 0 ? await statementsIn(files, entries, wire) : [],
  };
}

/** Of the last days, the newest of each: money that comes back (退票) may be told there only. */
async function statementsIn(files: Files, entries: readonly FileEntry[], wire: Wire) {
  const statements: Message<typeof IsoStatement>[] = [];
  for (let back = 0; back < statementsMax; back += 1) {
    const date = beijing(wire.now(), -back).toISOString().slice(0, 10);
    const name = newest(entries, statementAbout(wire.keys.secret('payer-account'), date));
    if (name !== undefined) statements.push(await statementIn(files, name));
  }
  return statements;
}

/** @throws Failure OUTCOME_UNKNOWN when it is not what its companion says */
async function statementIn(files: Files, name: string): Promise<Message<typeof IsoStatement>> {
  const line = await files.get(folders.answers, `${name}.ok`);
  const [, of, size, sha256] = companionLine.exec(line.subarray(0, companionBytesMax).toString('latin1')) ?? [];
  const bytes = await files.get(folders.answers, name);
  if (of !== name || Number(size) !== bytes.length || sha256 !== createHash('sha256').update(bytes).digest('hex'))
    throw new Failure('OUTCOME_UNKNOWN', { detail: `${name} is not what its companion says` });
  return readIso(bytes, namespaces.statement, IsoStatement);
}

/** The highest sequence that is complete. */
function newest(entries: readonly FileEntry[], about: string): string | undefined {
  const names = new Set(entries.map(({ name }) => name));
  return namesAbout(entries, about).findLast((name) => names.has(`${name}.ok`));
}

/** By sequence. */
function namesAbout(entries: readonly FileEntry[], about: string): string[] {
  const names = entries.map(({ name }) => name).filter((name) => answerFileOf(name)?.about === about);
  if (names.length > filesMax)
    throw new Failure('OUTCOME_UNKNOWN', {
      detail: `${names.length} files about ${about}, at most ${filesMax} are read`,
    });
  return names.sort();
}

/** When the order that lies there was written; nothing when it is no order. */
function stampIn(there: Buffer): { createdAt: string; executeOn: string } | undefined {
  try {
    const { GrpHdr, PmtInf } = readIso(there, namespaces.order, IsoOrder).CstmrCdtTrfInitn;
    return { createdAt: GrpHdr.CreDtTm, executeOn: PmtInf.ReqdExctnDt.Dt };
  } catch (thrown) {
    if (isFailure(thrown)) return undefined;
    throw thrown;
  }
}

/** Settings `companion`: `ok` when the bank takes an order only with its `.ok`. */
function needsCompanion(wire: Wire): boolean {
  return wire.system.settings['companion'] === 'ok';
}

function companionOf(wire: Wire, name: string, bytes: Buffer): { companion?: Buffer } {
  if (!needsCompanion(wire)) return {};
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return { companion: Buffer.from(`${name}|${bytes.length}|${sha256}\n`) };
}

function parties(wire: Wire) {
  return {
    sender: { name: setting(wire, 'senderName'), uscc: setting(wire, 'senderUscc') },
    payer: {
      name: setting(wire, 'payerName'),
      accountNo: wire.keys.secret('payer-account'),
      bankCode: setting(wire, 'payerBankCode'),
    },
  };
}

function setting(wire: Wire, name: string): string {
  const value = wire.system.settings[name];
  if (value === undefined) throw new Error(`${wire.system.id} has no setting ${name}`);
  return value;
}

/** Its UTC fields are Beijing's. */
function beijing(now: Date, days = 0): Date {
  return new Date(now.getTime() + beijingMs + days * 86_400_000);
}
