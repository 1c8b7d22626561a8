/** Canonical invoice checks (发票查验) to and from the `vat` dialect: which inputs a type needs, results, statuses, amounts. */
import type { Static } from 'typebox';
import { decimal, yuanOf } from '../../contracts/canonical/money.ts';
import type { Message } from '../../contracts/contract.ts';
import { Failure } from '../../contracts/failures.ts';
import {
  CheckTaken,
  invoice,
  InvoiceChanged,
  InvoiceCheck,
  InvoiceChecked,
  rule,
} from '../../contracts/invoice/invoice.ts';
import {
  VatChange,
  VatChangeAnswer,
  VatCheck,
  VatTaken,
  VatTask,
  VatTaskAnswer,
} from '../../contracts/invoice/vat.wire.ts';
import { mapping } from '../../contracts/mapping.ts';
import { unmapped } from '../codes/codeTable.ts';
import { vatKinds, vatNotFound, vatRefusals, vatResults, vatStates, vatStatuses } from './vat.codes.ts';

const words = 'words beside the code; shown when it is refused';

/** @throws Failure CONTRACT_VIOLATED when what the type needs is not there, or the number is of another type */
export const checkOf = mapping('invoice.vat.check', InvoiceCheck, VatCheck, (check) => {
  const { type, invoiceCode, invoiceNo } = check;
  const digital = type.startsWith('digital');
  if (digital !== (invoiceNo.length === 20))
    throw refusedHere('invoiceNo', 'only a fully digital invoice has 20 digits');
  if (digital !== (invoiceCode === undefined))
    throw refusedHere('invoiceCode', 'all but fully digital invoices have one');
  const needed = rule[type];
  if (check[needed] === undefined) throw refusedHere(needed, `an invoice of type ${type} is checked by it`);
  return {
    serialNo: check.requestNo,
    invoiceKind: vatKinds.codeOf(type, '#/type'),
    invoiceCode: invoiceCode ?? '',
    invoiceNo,
    invoiceDate: check.issuedOn.replaceAll('-', ''),
    invoiceSum: (needed === 'checkCodeLast6' ? undefined : check[needed]) ?? '',
    verifyCode: (needed === 'checkCodeLast6' ? check[needed] : undefined) ?? '',
  };
});

/** @throws Failure as `vatRefusals` says; EXT_CODE_UNMAPPED (unknown) for any other code */
export const takenOf = mapping(
  'invoice.vat.taken',
  VatTaken,
  CheckTaken,
  (answer) => {
    accept(answer);
    if (answer.taskId === undefined) throw incomplete('a check');
    return { checkNo: answer.taskId };
  },
  { drops: { '/message': words, '/serialNo': 'the dialect holds it against the request' } },
);

const { queryCheck, readCheck, readChange } = invoice.operations;

/** Was the check taken? What it came to is another question. */
export const takenEnquiryOf = mapping(
  'invoice.vat.taken-enquiry',
  VatTaskAnswer,
  queryCheck.response,
  (answer): Static<typeof queryCheck.response.schema> => {
    const task = taskIn(answer);
    return task ? { outcome: 'confirmed', response: { checkNo: task.taskId } } : { outcome: 'notFound' };
  },
  {
    drops: {
      '/message': words,
      '/task/state': 'whether it was taken, not what became of it',
      '/task/resultCode': 'whether it was taken, not what became of it',
      '/task/resultMessage': 'whether it was taken, not what became of it',
      '/task/checkedAt': 'whether it was taken, not what became of it',
      '/task/checkCount': 'whether it was taken, not what became of it',
      '/task/invoice': 'whether it was taken, not what became of it',
    },
    leaves: {
      '/<outcome=refused>': 'what is refused is refused at once, and not kept under its number',
      '/<outcome=pending>': 'a check is taken or not; there is nothing between',
    },
  },
);

/** A check that could not be made (税局异常) came to nothing, which says nothing of the invoice: refused, to be asked for anew. */
export const checkedEnquiryOf = mapping(
  'invoice.vat.checked-enquiry',
  VatTaskAnswer,
  readCheck.response,
  (answer): Static<typeof readCheck.response.schema> => {
    const task = taskIn(answer);
    if (!task) return { outcome: 'notFound' };
    const found = resultOf(task);
    if (found === 'pending') return { outcome: 'pending' };
    if (found !== 'failed') return { outcome: 'confirmed', response: checkedOf(task) };
    const detail = [task.resultCode, task.resultMessage].filter(Boolean).join(' ').slice(0, 500);
    return { outcome: 'refused', code: 'SYSTEM_REFUSED', detail };
  },
  {
    drops: {
      '/message': words,
      '/task/checkCount': 'a count of all who ask; the limit is told when it is met',
    },
  },
);

/** @throws Failure OUTCOME_UNKNOWN for a check that has not ended: ask `isChecked` first */
export const checkedOf = mapping(
  'invoice.vat.checked',
  VatTask,
  InvoiceChecked,
  (task): Static<typeof InvoiceChecked.schema> => {
    const { serialNo: requestNo, taskId: serialNo, checkedAt } = task;
    const found = resultOf(task);
    if (found === 'pending' || found === 'failed' || checkedAt === undefined) throw incomplete('a result');
    const told = { requestNo, checkedAt: instantOf(checkedAt), serialNo };
    if (found !== 'found') return { ...told, result: found, status: 'unknown', redAmount: yuanOf(0n) };
    if (!task.invoice) throw incomplete('a result');
    const status = vatStatuses.of(task.invoice.status, '#/invoice/status');
    const { redAmount } = task.invoice;
    const face = status === 'red' ? {} : { invoice: faceOf(task.invoice) };
    return { ...told, result: worthOf(status), status, redAmount: plainOf(redAmount, '#/invoice/redAmount'), ...face };
  },
  {
    drops: {
      '/resultMessage': 'words beside the code',
      '/checkCount': 'a count of all who ask; the limit is told when it is met',
    },
  },
);

export function isChecked(task: Task): boolean {
  return !['pending', 'failed'].includes(resultOf(task));
}

export const changedOf = mapping('invoice.vat.changed', VatChange, InvoiceChanged, (change) => {
  const status = vatStatuses.of(change.status, '#/status');
  if (status === 'valid' || status === 'red')
    throw new Failure('CONTRACT_VIOLATED', { detail: `${status} is nothing that an invoice changes to` });
  return {
    requestNo: change.serialNo,
    ...codeIn(change),
    invoiceNo: change.invoiceNo,
    status,
    redAmount: plainOf(change.redAmount, '#/redAmount'),
    redInvoiceNos: change.redInvoiceNos,
    changedAt: instantOf(change.changedAt),
    serialNo: change.changeId,
  };
});

export const changeEnquiryOf = mapping(
  'invoice.vat.change-enquiry',
  VatChangeAnswer,
  readChange.response,
  (answer): Static<typeof readChange.response.schema> => {
    if (answer.code === vatNotFound) return { outcome: 'notFound' };
    accept(answer);
    if (!answer.change) return { outcome: 'pending' };
    if (answer.change.serialNo !== answer.serialNo) throw incomplete('a change');
    return { outcome: 'confirmed', response: changedOf(answer.change) };
  },
  {
    drops: { '/message': words },
    leaves: { '/<outcome=refused>': 'whether an invoice has changed is never refused' },
  },
);

type Task = Message<typeof VatTask>;
type Invoice = NonNullable<Task['invoice']>;

function accept(answer: { code: string; message: string }): void {
  if (answer.code === '0000') return;
  const code = vatRefusals.find(answer.code);
  if (!code) throw unmapped(vatRefusals.name, answer.code, '#/code', answer.message);
  throw new Failure(code, { detail: `${answer.code} ${answer.message}`, externalCode: answer.code });
}

function taskIn(answer: Message<typeof VatTaskAnswer>): Task | undefined {
  if (answer.code === vatNotFound) return undefined;
  accept(answer);
  if (!answer.task || answer.task.serialNo !== answer.serialNo) throw incomplete('a query');
  return answer.task;
}

function resultOf(task: Task) {
  const state = vatStates.of(task.state, '#/state');
  if (state === 'pending') return state;
  if (task.resultCode === undefined) throw incomplete('a result');
  return vatResults.of(task.resultCode, '#/resultCode');
}

function worthOf(status: ReturnType<typeof vatStatuses.of>): 'genuine' | 'void' | 'redFlushed' {
  if (status === 'valid' || status === 'partiallyRed') return 'genuine';
  return status === 'voided' ? 'void' : 'redFlushed';
}

function faceOf(given: Invoice) {
  const at = (field: string) => `#/invoice/${field}`;
  return {
    type: vatKinds.of(given.invoiceKind, at('invoiceKind')),
    ...codeIn(given),
    invoiceNo: given.invoiceNo,
    issuedOn: dateOf(given.invoiceDate),
    seller: sideOf(given.seller),
    buyer: sideOf(given.buyer),
    amountExTax: plainOf(given.total, at('total')),
    tax: plainOf(given.totalTax, at('totalTax')),
    amountIncTax: plainOf(given.amount, at('amount')),
    lines: given.detailList.map((line) => ({
      name: line.goodsName,
      ...quantityIn(line.quantity),
      ...(line.unit === '' ? {} : { unit: line.unit }),
      amount: decimal(line.amount, 2),
      ...rateIn(line.taxRate),
      tax: decimal(line.tax, 2),
    })),
  };
}

const codeIn = ({ invoiceCode }: { invoiceCode: string }) => (invoiceCode === '' ? {} : { invoiceCode });

/** A tax number that is no USCC (of a person, or from before 2015) is left out, never bent into one. */
function sideOf({ name, taxNo }: { name: string; taxNo: string }) {
  return { name, ...(/^[0-9A-HJ-NPQRTUWXY]{18}$/.test(taxNo) ? { uscc: taxNo } : {}) };
}

/** What does not fit three decimals is left out, never rounded. */
function quantityIn(quantity: string): { quantity?: string } {
  return /^\d{1,12}(\.\d{1,3}0*)?$/.test(quantity) ? { quantity: decimal(quantity, 3) } : {};
}

/** `13%`, `1.5%`; words (免税, 不征税) say that there is none. */
function rateIn(rate: string): { taxRate?: string } {
  const [, whole, fraction = ''] = /^(\d{1,2})(?:\.(\d{1,2}))?%$/.exec(rate) ?? [];
  return whole === undefined ? {} : { taxRate: `0.${whole.padStart(2, '0')}${fraction.padEnd(4, '0')}` };
}

/** Below nothing is no amount of an invoice that somebody lends against. */
function plainOf(amount: string, pointer: string): string {
  if (!amount.startsWith('-')) return decimal(amount, 2);
  throw new Failure('CONTRACT_VIOLATED', { detail: `${pointer} is below nothing` });
}

function dateOf(date8: string): string {
  return `${date8.slice(0, 4)}-${date8.slice(4, 6)}-${date8.slice(6)}`;
}

/** China has kept one time, without summer time, since 1991. */
function instantOf(beijingTime: string): string {
  return `${beijingTime.replace(' ', 'T')}+08:00`;
}

function incomplete(what: string): Failure {
  return new Failure('OUTCOME_UNKNOWN', { detail: `the answer to ${what} lacks what it is about` });
}

function refusedHere(field: string, detail: string): Failure {
  return new Failure('CONTRACT_VIOLATED', {
    detail,
    errors: [{ pointer: `#/${field}`, code: 'not_supported', detail }],
  });
}
