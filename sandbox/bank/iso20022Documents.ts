/** What this bank writes: pain.002.001.10, camt.054.001.08 and camt.053.001.08. */

export interface StatusReport {
  readonly id: string;
  readonly at: string;
  readonly order: { readonly msgId: string; readonly paymentId: string; readonly endToEndId: string } | undefined;
  readonly amount: string | undefined;
  readonly status: string;
  readonly reason?: { readonly code: string; readonly words: string } | undefined;
  readonly reference?: string | undefined;
}

export interface Booking {
  readonly reference: string;
  readonly direction: 'CRDT' | 'DBIT';
  readonly amount: string;
  readonly at: string;
  /** Domain, family, subfamily. */
  readonly code: readonly [string, string, string];
  readonly endToEndId?: string | undefined;
  readonly party?: { readonly name: string; readonly accountNo: string } | undefined;
  readonly words?: readonly string[] | undefined;
  readonly returned?: { readonly code: string; readonly words: string } | undefined;
}

export interface Day {
  readonly accountNo: string;
  readonly on: string;
  readonly sequence: number;
  readonly at: string;
  readonly opening: bigint;
  readonly bookings: readonly Booking[];
}

export function statusReport({ id, at, order, amount, status, reason, reference }: StatusReport): string {
  const why =
    reason && element('StsRsnInf', element('Rsn', element('Cd', reason.code)), element('AddtlInf', text(reason.words)));
  const group = element(
    'OrgnlGrpInfAndSts',
    element('OrgnlMsgId', text(order?.msgId ?? 'NOTPROVIDED')),
    element('OrgnlMsgNmId', 'pain.001.001.09'),
    element('OrgnlNbOfTxs', '1'),
    amount && element('OrgnlCtrlSum', amount),
    element('GrpSts', status),
    order ? undefined : why,
  );
  const one =
    order &&
    element(
      'OrgnlPmtInfAndSts',
      element('OrgnlPmtInfId', text(order.paymentId)),
      element(
        'TxInfAndSts',
        element('StsId', id),
        element('OrgnlEndToEndId', text(order.endToEndId)),
        element('TxSts', status),
        why,
        element('AccptncDtTm', at),
        reference && element('AcctSvcrRef', reference),
        amount && element('OrgnlTxRef', element('Amt', money('InstdAmt', amount))),
      ),
    );
  return document('pain.002.001.10', element('CstmrPmtStsRpt', header(id, at), group, one));
}

export function notification(id: string, accountNo: string, booking: Booking): string {
  const told = element('Ntfctn', element('Id', id), element('CreDtTm', booking.at), account(accountNo), entry(booking));
  return document('camt.054.001.08', element('BkToCstmrDbtCdtNtfctn', header(id, booking.at), told));
}

export function statement({ accountNo, on, sequence, at, opening, bookings }: Day): string {
  const moved = bookings.reduce(
    (sum, { direction, amount }) => sum + (direction === 'CRDT' ? 1n : -1n) * fen(amount),
    0n,
  );
  const total = bookings.reduce((sum, { amount }) => sum + fen(amount), 0n);
  const id = `S${on.replaceAll('-', '')}${sequence}`;
  const told = element(
    'Stmt',
    element('Id', id),
    element('ElctrncSeqNb', String(sequence)),
    element('CreDtTm', at),
    element('FrToDt', element('FrDtTm', `${on}T00:00:00+08:00`), element('ToDtTm', `${on}T23:59:59+08:00`)),
    account(accountNo),
    balance('OPBD', opening, on),
    balance('CLBD', opening + moved, on),
    element(
      'TxsSummry',
      element('TtlNtries', element('NbOfNtries', String(bookings.length)), element('Sum', yuan(total))),
    ),
    ...bookings.map(entry),
  );
  return document('camt.053.001.08', element('BkToCstmrStmt', header(id, at), told));
}

export const fen = (amount: string): bigint => BigInt(amount.replace('.', ''));

function yuan(amount: bigint): string {
  const digits = amount.toString().padStart(3, '0');
  return `${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

function entry({ reference, direction, amount, at, code, endToEndId, party, words, returned }: Booking): string {
  const [domain, family, subfamily] = code;
  const side = direction === 'CRDT' ? 'Dbtr' : 'Cdtr';
  return element(
    'Ntry',
    element('NtryRef', reference),
    money('Amt', amount),
    element('CdtDbtInd', direction),
    element('RvslInd', returned ? 'true' : 'false'),
    element('Sts', element('Cd', 'BOOK')),
    element('BookgDt', element('DtTm', at)),
    element('ValDt', element('Dt', at.slice(0, 10))),
    element('AcctSvcrRef', reference),
    element(
      'BkTxCd',
      element('Domn', element('Cd', domain), element('Fmly', element('Cd', family), element('SubFmlyCd', subfamily))),
    ),
    element(
      'NtryDtls',
      element(
        'TxDtls',
        element('Refs', element('AcctSvcrRef', reference), element('EndToEndId', text(endToEndId ?? 'NOTPROVIDED'))),
        element('AmtDtls', element('TxAmt', money('Amt', amount))),
        party &&
          element(
            'RltdPties',
            element(side, element('Pty', element('Nm', text(party.name)))),
            element(`${side}Acct`, element('Id', element('Othr', element('Id', text(party.accountNo))))),
          ),
        words && words.length > 0 && element('RmtInf', ...words.map((each) => element('Ustrd', text(each)))),
        returned &&
          element('RtrInf', element('Rsn', element('Cd', returned.code)), element('AddtlInf', text(returned.words))),
      ),
    ),
  );
}

function balance(kind: string, amount: bigint, on: string): string {
  return element(
    'Bal',
    element('Tp', element('CdOrPrtry', element('Cd', kind))),
    money('Amt', yuan(amount < 0n ? -amount : amount)),
    element('CdtDbtInd', amount < 0n ? 'DBIT' : 'CRDT'),
    element('Dt', element('Dt', on)),
  );
}

const header = (id: string, at: string): string => element('GrpHdr', element('MsgId', id), element('CreDtTm', at));
const account = (no: string): string =>
  element('Acct', element('Id', element('Othr', element('Id', no))), element('Ccy', 'CNY'));
const money = (name: string, amount: string): string => `<${name} Ccy="CNY">${amount}</${name}>`;
const text = (value: string): string => value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

function element(name: string, ...content: (string | false | undefined)[]): string {
  return `<${name}>${content.filter(Boolean).join('')}</${name}>`;
}

function document(message: string, content: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<Document xmlns="urn:iso:std:iso:20022:tech:xsd:${message}">${content}</Document>\n`;
}
