/**
 * A warehouse that has only files: orders are put into `/out` of its server, and what it says lies in `/in`, as CSV or Excel. Who
 * answers is known by the host key of the connection; the files themselves are not signed.
 *
 * That an order lies there says nothing yet: goods are locked when a result says so. One order is one name: putting it again
 * finds it there, and the warehouse leaves it there. Of results about one order the newest speaks.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Contract, Message } from '../../../contracts/contract.ts';
import { Failure, type FailureCode, isFailure } from '../../../contracts/failures.ts';
import {
  CsvAsn,
  csvAnswerOf,
  csvFolders,
  CsvLock,
  CsvNumber,
  type CsvOrder,
  csvOrderFile,
  CsvOut,
  CsvResult,
  CsvStock,
  CsvUnlock,
} from '../../../contracts/wms/csv.wire.ts';
import type { wms } from '../../../contracts/wms/wms.ts';
import * as map from '../../../mappings/wms/csv.ts';
import { instantOf } from '../../../mappings/wms/localTime.ts';
import type { Dialect } from '../../adapter.ts';
import type { FileEntry, Files } from '../../sftpFiles.ts';
import type { Wire } from '../../wire.ts';
import { gridOf, messageIn } from './csvSheet.ts';
import { type Charset, csvFrom, gridFromCsv } from './csvText.ts';
import { gridFromXlsx } from './csvXlsx.ts';

/** How long an answer is waited for while the connection is open, in real time. */
const resultWaitMsDefault = 2_000;
const lookEveryMs = 50;
const stockHoursMaxDefault = 36;
const hourMs = 3_600_000;

export const csvDialect: Dialect<typeof wms> = {
  operations: {
    announceInbound: (notice, wire) =>
      ordered('ASN', notice.noticeNo, CsvAsn, map.asnOf(notice), wire, map.inboundEnquiryOf),
    queryInbound: ({ no }, wire) => enquired('ASN', no, wire, map.inboundEnquiryOf),
    lockStock: (lock, wire) => ordered('LOCK', lock.pledgeNo, CsvLock, map.lockOf(lock), wire, map.lockEnquiryOf),
    queryLock: ({ no }, wire) => enquired('LOCK', no, wire, map.lockEnquiryOf),
    unlockStock: (unlock, wire) =>
      ordered('UNLOCK', unlock.pledgeNo, CsvUnlock, map.unlockOf(unlock), wire, map.lockEnquiryOf),
    queryUnlock: ({ no }, wire) => enquired('UNLOCK', no, wire, map.lockEnquiryOf),
    orderOutbound: (order, wire) =>
      ordered('OUT', order.releaseNo, CsvOut, map.outOf(order), wire, map.outboundEnquiryOf),
    queryOutbound: ({ no }, wire) => enquired('OUT', no, wire, map.outboundEnquiryOf),
    readStock: async (asked, wire) => {
      const stock = await newestStock(asked, wire);
      const hoursMax = Number(wire.system.settings['stockHoursMax'] ?? stockHoursMaxDefault);
      if (wire.now().getTime() - Date.parse(instantOf(stock.asOf)) > hoursMax * hourMs)
        throw new Failure('FILE_NOT_READY', {
          detail: `the newest stock is of ${stock.asOf}: too old to be called now`,
        });
      return map.stockOf(stock);
    },
    readLots: async (asked, wire) => map.lotsOf(await newestStock(asked, wire)),
  },
};

type Result = Message<typeof CsvResult>;
type Enquiry<R> =
  | { outcome: 'confirmed'; response: R }
  | { outcome: 'refused'; code: string; detail: string }
  | { outcome: 'pending' }
  | { outcome: 'notFound' };

async function ordered<R>(
  order: CsvOrder,
  no: string,
  contract: Contract,
  message: object,
  wire: Wire,
  read: (result: Result) => Enquiry<R>,
): Promise<R> {
  const name = csvOrderFile(order, CsvNumber.check(no));
  const bytes = csvFrom(gridOf(contract, message), charsetOf(wire));
  const found = await wire.files(async (files) => {
    await files.put(csvFolders.orders, name, bytes);
    return answered(order, no, files, wire, read);
  });
  if (found?.enquiry.outcome === 'confirmed') return found.enquiry.response;
  if (found?.enquiry.outcome === 'refused') {
    const { code, detail } = found.enquiry;
    throw new Failure(code as FailureCode, { detail, externalCode: found.result.reason ?? '' });
  }
  throw new Failure('OUTCOME_UNKNOWN', { detail: `${name} lies there, and no result says yet what became of it` });
}

async function enquired<R>(
  order: CsvOrder,
  no: string,
  wire: Wire,
  read: (result: Result) => Enquiry<R>,
): Promise<Enquiry<R>> {
  const name = csvOrderFile(order, CsvNumber.check(no));
  return wire.files(async (files) => {
    // First the order: who answers it leaves it there.
    const orders = await files.list(csvFolders.orders);
    if (!orders.some((entry) => entry.name === name)) return { outcome: 'notFound' };
    return (await answered(order, no, files, wire, read))?.enquiry ?? { outcome: 'pending' };
  });
}

/** What the newest result says, as soon as there is one that says something; the last word when time is up. */
async function answered<R>(
  order: CsvOrder,
  no: string,
  files: Files,
  wire: Wire,
  read: (result: Result) => Enquiry<R>,
) {
  const until = Date.now() + Number(wire.system.settings['resultWaitMs'] ?? resultWaitMsDefault);
  for (;;) {
    const name = newest(await files.list(csvFolders.answers), `RESULT_${order}_${no}`);
    if (name !== undefined) {
      const result = await messageOf(name, CsvResult, files, wire);
      if (result.of !== order || result.no !== no)
        throw new Failure('ANSWER_UNVERIFIED', { detail: `${name} is about another order` });
      const enquiry = read(result);
      if (enquiry.outcome !== 'pending' || Date.now() > until) return { result, enquiry };
    }
    if (Date.now() > until) return undefined;
    await sleep(lookEveryMs);
  }
}

async function newestStock(
  asked: { warehouseCode: string; ownerCode: string; materialCode?: string },
  wire: Wire,
): Promise<Message<typeof CsvStock>> {
  const about = `STOCK_${CsvNumber.check(asked.warehouseCode)}_${CsvNumber.check(asked.ownerCode)}`;
  const stock = await wire.files(async (files) => {
    const name = newestDay(await files.list(csvFolders.answers), about);
    if (name === undefined) throw new Failure('FILE_NOT_READY', { detail: `there is no ${about} yet` });
    return messageOf(name, CsvStock, files, wire);
  });
  if (stock.warehouse !== asked.warehouseCode || stock.owner !== asked.ownerCode)
    throw new Failure('ANSWER_UNVERIFIED', { detail: 'the stock of somebody else lies under this name' });
  if (new Set(stock.rows.map(({ lot }) => lot)).size !== stock.rows.length)
    throw new Failure('CONTRACT_VIOLATED', { detail: 'a lot is there twice' });
  const { materialCode } = asked;
  return { ...stock, rows: stock.rows.filter((row) => materialCode === undefined || row.material === materialCode) };
}

async function messageOf<C extends Contract>(name: string, contract: C, files: Files, wire: Wire): Promise<Message<C>> {
  const bytes = await files.get(csvFolders.answers, name).catch((thrown: unknown) => {
    // It was listed: that it is gone again says nothing of the order.
    if (isFailure(thrown) && thrown.type === 'FILE_NOT_READY')
      throw new Failure('OUTCOME_UNKNOWN', { detail: `${name} was there and is gone`, cause: thrown });
    throw thrown;
  });
  const grid = name.endsWith('.xlsx') ? await gridFromXlsx(name, bytes) : gridFromCsv(name, bytes, charsetOf(wire));
  return messageIn(name, grid, contract);
}

/** @throws Failure OUTCOME_UNKNOWN when two files of one sequence differ in their form */
function newest(entries: readonly FileEntry[], about: string): string | undefined {
  const found = entries
    .flatMap(({ name }) => ({ name, of: csvAnswerOf(name) }))
    .filter(({ of }) => of?.about === about)
    .sort((a, b) => (a.of?.sequence ?? 0) - (b.of?.sequence ?? 0));
  const [last, before] = [found.at(-1), found.at(-2)];
  if (last !== undefined && last.of?.sequence === before?.of?.sequence)
    throw new Failure('OUTCOME_UNKNOWN', {
      detail: `${last.name} and ${before?.name ?? ''} say which is newer by nothing`,
    });
  return last?.name;
}

/** Of the newest day the newest. */
function newestDay(entries: readonly FileEntry[], about: string): string | undefined {
  const days = entries.flatMap(({ name }) => {
    const of = csvAnswerOf(name)?.about ?? '';
    return of.startsWith(`${about}_`) && /^\d{8}$/.test(of.slice(about.length + 1)) ? [of] : [];
  });
  const day = days.sort().at(-1);
  return day === undefined ? undefined : newest(entries, day);
}

/** Settings `encoding`: of CSV in both directions. */
function charsetOf(wire: Wire): Charset {
  return wire.system.settings['encoding'] === 'gbk' ? 'gbk' : 'utf-8';
}
