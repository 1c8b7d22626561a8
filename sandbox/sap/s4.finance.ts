/**
 * Finance of the sandbox's SAP: what is posted in a session stands there until its commit, and goes with the session. A
 * commit in another session commits nothing and says that it went well, as SAP's does.
 */
import { randomUUID } from 'node:crypto';
import type { TwinAnswer, TwinRequest } from '../twin.ts';
import type { AccountingDocument, OpenItem, S4, S4Memory } from './s4.memory.ts';
import { companyCode } from './s4.memory.ts';
import { cents } from './s4.quantities.ts';
import { dump, fault, response, type SoapCall, type SoapRow } from './s4.soap.ts';

interface Begun {
  readonly document: AccountingDocument;
  readonly items: readonly OpenItem[];
  readonly amount: string;
}

interface Session {
  readonly id: string;
  begun: Begun[];
  touchedMs: number;
}

/** Roll areas are no database: they end with the process. */
const roll = new WeakMap<S4Memory, Map<string, Session>>();
const sessionMs = 60_000;
const cookieName = 'sap-contextid';

/** The session of a request: none without `session_mode`, undefined when its cookie names one that is over. */
export function sessionOf(request: TwinRequest, s4: S4): Session | 'none' | undefined {
  if (!['1', '2'].includes(request.headers['session_mode'] ?? '')) return 'none';
  const sessions = roll.get(s4.memory) ?? new Map<string, Session>();
  roll.set(s4.memory, sessions);
  const now = Date.now();
  for (const [id, { touchedMs }] of sessions) if (now - touchedMs > sessionMs) sessions.delete(id);
  const id = new RegExp(`${cookieName}=([^;]+)`).exec(request.headers['cookie'] ?? '')?.[1];
  if (id !== undefined) {
    const found = sessions.get(id);
    if (found) found.touchedMs = now;
    return found;
  }
  const opened: Session = { id: `SID%3aANON%3as4h_S4H_00%3a${randomUUID()}-ATT`, begun: [], touchedMs: now };
  sessions.set(opened.id, opened);
  return opened;
}

/** Every answer within a session names it; after `session_mode` 2 it is over. */
export function inSession(answer: TwinAnswer, request: TwinRequest, session: Session | 'none', s4: S4): TwinAnswer {
  if (session === 'none') return answer;
  if (request.headers['session_mode'] === '2') roll.get(s4.memory)?.delete(session.id);
  return {
    ...answer,
    headers: { ...answer.headers, 'set-cookie': `${cookieName}=${session.id}; path=/sap/bc/soap/rfc` },
  };
}

const message = (type: string, id: string, number: string, text: string): SoapRow => ({
  TYPE: type,
  ID: id,
  NUMBER: number,
  MESSAGE: text,
  LOG_NO: '',
  LOG_MSG_NO: '000000',
  MESSAGE_V1: '',
  SYSTEM: 'S4HCLNT100',
});

/** Magic amounts, in the currency of the document. */
const lockedAmount = '9001.01';
const closedAmount = '9002.02';
const dumpAmount = '9003.03';
const failingCommit = '9004.04';
const mutedCommit = '9005.05';
/** The first open period. */
const openFrom = '2026-10';

export function postDocument(call: SoapCall, session: Session | 'none', s4: S4): TwinAnswer {
  const header = call.structure('DOCUMENTHEADER');
  const [customer] = call.rows('ACCOUNTRECEIVABLE');
  const amounts = call.rows('CURRENCYAMOUNT').map((row) => cents(row['AMT_DOCCUR'] ?? ''));
  const amount = call.rows('CURRENCYAMOUNT')[0]?.['AMT_DOCCUR'] ?? '';
  if (amount === dumpAmount) return dump('SAPSQL_ARRAY_INSERT_DUPREC');
  const refusal = refusalOf(header, customer, amounts, amount, s4);
  if (refusal)
    return response(call, { OBJ_KEY: '', OBJ_SYS: '', OBJ_TYPE: '' }, { RETURN: [errorInDocument, refusal] });
  const belnr = String(s4.memory.nextDocument++);
  const date = header['PSTNG_DATE'] ?? '';
  const document: AccountingDocument = {
    belnr,
    bukrs: header['COMP_CODE'] ?? '',
    gjahr: date.slice(0, 4),
    blart: header['DOC_TYPE'] ?? '',
    xblnr: header['REF_DOC_NO'] ?? '',
    bktxt: header['HEADER_TXT'] ?? '',
    stblg: '',
  };
  const item: OpenItem = {
    docNo: belnr,
    customer: customer?.['CUSTOMER'] ?? '',
    date,
    netDays: '0',
    amount,
    side: 'H',
    assignment: customer?.['ALLOC_NMBR'] ?? '',
  };
  if (session !== 'none') session.begun.push({ document, items: [item], amount });
  const key = `${belnr}${document.bukrs.padEnd(4)}${document.gjahr}`;
  return response(
    call,
    { OBJ_KEY: key, OBJ_SYS: 'S4HCLNT100', OBJ_TYPE: 'BKPFF' },
    { RETURN: [message('S', 'RW', '605', `Document posted successfully: BKPFF ${key} S4HCLNT100`)] },
  );
}

const errorInDocument = message('E', 'RW', '609', 'Error in document: BKPFF $ S4HCLNT100');

function refusalOf(
  header: SoapRow,
  customer: SoapRow | undefined,
  amounts: readonly (bigint | undefined)[],
  amount: string,
  s4: S4,
): SoapRow | undefined {
  const no = customer?.['CUSTOMER'] ?? '';
  const date = header['PSTNG_DATE'] ?? '';
  const user = amount === lockedAmount ? 'WANGLI' : s4.memory.locks[`KNA1/${no}`];
  if (user !== undefined) return message('E', 'MC', '601', `Object requested is currently locked by user ${user}`);
  if (header['COMP_CODE'] !== companyCode)
    return message('E', 'F5', '102', `Company code ${header['COMP_CODE'] ?? ''} does not exist`);
  if (!(no in s4.memory.customers)) return message('E', 'F5', '104', `Customer ${no} does not exist in ${companyCode}`);
  if (!/^\d{4}-\d\d-\d\d$/.test(date)) return message('E', 'F5', '142', 'Posting date is no date');
  if (amount === closedAmount || date < openFrom)
    return message('E', 'F5', '201', `Posting period ${date.slice(5, 7)} ${date.slice(0, 4)} is not open`);
  if ((header['REF_DOC_NO'] ?? '').length > 16) return message('E', '00', '349', 'Field REF_DOC_NO is too long');
  const total = amounts.reduce<bigint | undefined>(
    (sum, each) => (sum === undefined || each === undefined ? undefined : sum + each),
    0n,
  );
  return amounts.length >= 2 && total === 0n ? undefined : message('E', 'F5', '702', 'Balance in transaction currency');
}

export function commitWork(call: SoapCall, session: Session | 'none', s4: S4): TwinAnswer {
  const begun = session === 'none' ? [] : session.begun;
  if (session !== 'none') session.begun = [];
  if (begun.some(({ amount }) => amount === failingCommit))
    return response(call, { RETURN: message('E', 'S&', '150', 'Update was terminated') });
  for (const { document, items } of begun) {
    s4.memory.documents.push(document);
    s4.memory.openItems.push(...items);
    s4.effect('posted', document.bktxt, { document: document.belnr, reference: document.xblnr });
    s4.later('clear', {}, 3_600_000);
  }
  if (begun.some(({ amount }) => amount === mutedCommit)) return dump('TIME_OUT');
  return response(call, { RETURN: '' });
}

export function rollbackWork(call: SoapCall, session: Session | 'none'): TwinAnswer {
  if (session !== 'none') session.begun = [];
  return response(call, { RETURN: '' });
}

/** Automatic clearing (F.13): a payment and the item that it names, when they come to nothing. */
export function clearItems(s4: S4, today: string): void {
  const open = s4.memory.openItems.filter((item) => item.clearDate === undefined);
  for (const payment of open.filter((item) => item.side === 'H' && item.assignment !== undefined)) {
    const debit = open.find(
      (item) =>
        item.side === 'S' &&
        item.clearDate === undefined &&
        item.customer === payment.customer &&
        item.docNo.padStart(10, '0') === payment.assignment?.padStart(10, '0') &&
        cents(item.amount) === cents(payment.amount),
    );
    if (!debit) continue;
    for (const item of [debit, payment]) Object.assign(item, { clearDate: today, clearDoc: payment.docNo });
  }
}

const tables: Record<string, (s4: S4) => SoapRow[]> = {
  BKPF: (s4) =>
    s4.memory.documents.map((each) => ({
      BUKRS: each.bukrs,
      BELNR: each.belnr,
      GJAHR: each.gjahr,
      BLART: each.blart,
      XBLNR: each.xblnr,
      STBLG: each.stblg,
      BKTXT: each.bktxt,
    })),
  EDIDC: (s4) => Object.entries(s4.memory.idocs).map(([DOCNUM, STATUS]) => ({ DOCNUM, STATUS })),
};

/** RFC_READ_TABLE with conditions of equality. What was sent as a table comes back as one. */
export function readTable(call: SoapCall, s4: S4): TwinAnswer {
  const name = call.text('QUERY_TABLE');
  const rows = tables[name]?.(s4);
  if (!rows) return fault('TABLE_NOT_AVAILABLE', call.functionModule, 'TABLE_NOT_AVAILABLE');
  const delimiter = call.text('DELIMITER');
  const options = call.rows('OPTIONS');
  const conditions = options.map((row) => row['TEXT'] ?? '').join(' ');
  const parsed = conditions.split(' AND ').map((each) => /^(\w+) = '([^']*)'$/.exec(each.trim()));
  if (options.some((row) => (row['TEXT'] ?? '').length > 72) || parsed.some((each) => !each))
    return fault('OPTION_NOT_VALID', call.functionModule, 'OPTION_NOT_VALID');
  const fields = call.rows('FIELDS').map((row) => row['FIELDNAME'] ?? '');
  const found = rows.filter((row) => parsed.every((each) => each && row[each[1] ?? ''] === each[2]));
  return response(
    call,
    {},
    {
      OPTIONS: options,
      FIELDS: fields.map((FIELDNAME, index) => ({
        FIELDNAME,
        OFFSET: String(index * 17),
        LENGTH: '000016',
        TYPE: 'C',
      })),
      DATA: found.map((row) => ({ WA: fields.map((field) => (row[field] ?? '').padEnd(16)).join(delimiter) })),
    },
  );
}
