/** What the warehouse's import makes of each order file: the same desk as at the other warehouses, and a result file. */
import type { Floor, Lock, Reason } from './floor.ts';
import { Refusal } from './floor.ts';
import { announce, lock, orderOut, sha256, unlock } from './floorDesk.ts';
import { countedOf, type Order } from './csvWire.ts';

export const reasons: Readonly<Record<Reason, string>> = {
  invalid: 'E01',
  conflict: 'E02',
  unknownPlace: 'E03',
  short: 'E04',
  pledged: 'E05',
  noToken: 'E06',
  beyondLock: 'E07',
  unknownNumber: 'E08',
};

/** The warehouse's own number. @throws Refusal */
export function carryOut(message: string, order: Order, floor: Floor): string {
  const { head } = order;
  if (head['message'] !== message || head['version'] !== '1') throw new Refusal('invalid', '文件名与内容不符');
  const code = text(head, 'no');
  const place = { warehouseCode: text(head, 'warehouse'), ownerCode: text(head, 'owner') };
  switch (message) {
    case 'ASN':
      return announce(floor, { ...place, code, lines: linesIn(order) }).record.id;
    case 'LOCK':
      return lock(floor, { ...place, code, pledgee: pledgeeIn(head), lots: lotsIn(order) }).record.id;
    case 'UNLOCK':
      return unlock(floor, { ...place, code, reason: text(head, 'reason'), lots: lotsIn(order) }).record.id;
    case 'OUT':
      return orderOut(floor, {
        ...place,
        code,
        pledgeNo: text(head, 'pledgeNo'),
        tokenSha256: sha256(text(head, 'token')),
        picker: { name: text(head, 'pickerName'), id: text(head, 'pickerIdNo'), carNo: text(head, 'vehicle') },
        validTo: new Date(`${text(head, 'validTo').replace(' ', 'T')}+08:00`).toISOString(),
        lots: lotsIn(order),
      }).record.id;
    default:
      throw new Refusal('invalid', '未知的文件');
  }
}

function linesIn({ rows }: Order) {
  return rows.map((row) => ({
    lineNo: text(row, 'lineNo'),
    itemCode: text(row, 'material'),
    itemName: text(row, 'name'),
    ...countedOf(text(row, 'quantity'), text(row, 'unit')),
  }));
}

function lotsIn({ rows }: Order) {
  return rows.map((row) => ({
    lotNo: text(row, 'lot'),
    itemCode: text(row, 'material'),
    ...countedOf(text(row, 'quantity'), text(row, 'unit')),
  }));
}

function pledgeeIn(head: Order['head']): Lock['pledgee'] {
  return { name: text(head, 'pledgee'), uscc: text(head, 'pledgeeUscc') };
}

function text(fields: Readonly<Record<string, string>>, name: string): string {
  const value = fields[name] ?? '';
  if (value === '') throw new Refusal('invalid', `缺少 ${name}`);
  return value;
}
