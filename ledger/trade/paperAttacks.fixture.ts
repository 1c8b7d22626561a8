/** For tests: attacks on orders, contracts and invoices. */
import type { Attack } from '../attack.fixture.ts';
import { factoring, late, onCheck, onIndex, onTrigger, spot } from '../financing/attacking.fixture.ts';
import { factoringAt, type Factoring } from '../financing/factoring.fixture.ts';
import { sql } from '../attack.fixture.ts';

const invoice = (changes: string) => (f: Factoring) => `update invoice set ${changes} where key = '${f.invoiceNo}'`;
const use = (key: string, receivable: string, amount: string) =>
  `insert into invoice_use (invoice_key, receivable_no, amount, state) values ('${key}', '${receivable}', ${amount}, 'LOCKED')`;
const kept = ['trade_contract_version', 'receivable_version', 'contract_change'] as const;

/** An invoice that was not used yet, and somebody's receivable. */
const freshUse =
  (prelude: (f: Factoring) => string, amount: string) => async (the: Parameters<Attack['prepare']>[0]) => {
    const [fresh, filed] = [await factoringAt(the, 'checked'), await factoringAt(the, 'filed')];
    return sql(`${prelude(fresh)}; ${use(fresh.invoiceNo, filed.receivableNo, amount)}`);
  };

export const tradePaperAttacks: readonly Attack[] = [
  onCheck(
    'trade_order',
    'order_paid_within_total',
    'CONTRACT_VIOLATED',
    spot('ordered', ({ orderNo }) => `update trade_order set paid = total + 0.01 where order_no = '${orderNo}'`),
  ),
  onCheck(
    'delivery',
    'signed_after_shipped',
    'CONTRACT_VIOLATED',
    spot(
      'ordered',
      ({ orderNo }) => `insert into delivery (seller_no, delivery_no, order_no, shipped_at, signed_at, lines)
        values ('1710', 'D-1', '${orderNo}', hub_now(), hub_now() - interval '1 day', '[]')`,
    ),
  ),
  onCheck(
    'trade_contract',
    'contract_of_two',
    'NOT_ALLOWED',
    factoring('contracted', (f) => `update trade_contract set buyer_id = seller_id where id = '${f.contractId}'`),
  ),
  late(
    onTrigger(
      'trade_contract',
      'contract_change_is_told',
      'a change under an assigned receivable', // I-18
      'CONTRACT_VIOLATED',
      factoring(
        'assigned',
        (
          f,
        ) => `insert into trade_contract_version (contract_id, version, amount, currency, signed_on, sealed, file_sha256)
          select contract_id, 2, amount - 1, currency, signed_on, sealed, file_sha256 from trade_contract_version where contract_id = '${f.contractId}';
          update trade_contract set version = 2 where id = '${f.contractId}'`,
      ),
    ),
  ),
  ...kept.flatMap((table) => [
    ...[`update ${table} set at = at`, `delete from ${table}`].map((text): Attack => ({
      name: `append_only: ${text}`,
      code: 'append_only',
      drop: `drop trigger ${table}_append_only on ${table}`,
      othersRefuse: true, // What refers to it.
      prepare: factoring('assigned', (f) => (table === 'contract_change' ? `${told(f)}; ${text}` : text)),
    })),
    {
      name: `append_only: truncate ${table}`,
      code: 'append_only',
      // What refers to one of them refers to all of them.
      drop: kept.map((one) => `drop trigger ${one}_not_emptied on ${one}`).join('; '),
      prepare: factoring('filed', () => `truncate ${table} cascade`),
    },
  ]),
  onCheck(
    'invoice',
    'invoice_key_is_its_number',
    'CONTRACT_VIOLATED',
    factoring('checked', invoice(`key = key || '-'`)),
  ),
  onCheck('invoice', 'invoice_numbered', 'CONTRACT_VIOLATED', factoring('checked', invoice(`no = '123', key = '123'`))),
  onCheck('invoice', 'invoice_adds_up', 'CONTRACT_VIOLATED', factoring('checked', invoice('tax = tax + 0.01'))),
  onCheck('invoice', 'red_within_invoice', 'CONTRACT_VIOLATED', factoring('checked', invoice('red_amount = -0.01'))),
  onCheck(
    'invoice',
    'invoice_not_exhausted', // I-03
    'INVOICE_EXHAUSTED',
    factoring('filed', invoice('used_amount = amount_inc_tax + 0.01')),
  ),
  onCheck('invoice', 'valid_is_checked', 'INVOICE_NOT_VALID', factoring('checked', invoice('checked_at = null'))),
  onTrigger(
    'invoice',
    'invoice_cover',
    'more used because somebody says that it is uncovered', // I-03
    'INVOICE_EXHAUSTED',
    factoring('filed', invoice('uncovered_amount = 1, used_amount = amount_inc_tax + 1')),
  ),
  onTrigger(
    'invoice_use',
    'invoice_use_counts',
    'more than the invoice', // I-03
    'INVOICE_EXHAUSTED',
    freshUse(() => '', '1130000.01'),
  ),
  onTrigger(
    'invoice_use',
    'invoice_use_counts',
    'an invoice of others',
    'NAME_MISMATCH',
    freshUse((f) => `update invoice set buyer_id = '${f.others[0]}' where key = '${f.invoiceNo}'`, '1'),
  ),
  onTrigger('invoice_use', 'invoice_use_counts', 'an invoice that is not checked', 'INVOICE_NOT_VALID', async (the) => {
    const [unchecked, filed] = [await factoringAt(the, 'invoiced'), await factoringAt(the, 'filed')];
    return sql(use(unchecked.invoiceNo, filed.receivableNo, '1'));
  }),
  onTrigger(
    'invoice_use',
    'invoice_use_counts',
    'another amount',
    'NOT_ALLOWED',
    factoring('filed', (f) => `update invoice_use set amount = amount - 1 where receivable_no = '${f.receivableNo}'`),
  ),
  late(
    onTrigger(
      'invoice',
      'invoice_used_is_counted',
      'a use that nobody has', // I-03
      'invoice_used_is_counted',
      factoring('checked', invoice('used_amount = 1')),
    ),
  ),
  onIndex(
    'invoice_used_once_for_receivable',
    'INVOICE_EXHAUSTED',
    factoring(
      'filed',
      (f) => `${invoice('amount_ex_tax = amount_ex_tax + 9, amount_inc_tax = amount_inc_tax + 9')(f)};
        ${use(f.invoiceNo, f.receivableNo, '1')}`,
    ),
  ),
];

/** A change of the contract that was told. */
function told(f: Factoring): string {
  return `insert into contract_change (contract_id, version, receivable_no) values ('${f.contractId}', 1, '${f.receivableNo}')`;
}
