/**
 * The tax source behind the checker: every invoice of the sandbox. Those of the number ranges below are all there, from the
 * trading unit to a dealer or from a supplier to the core enterprise, one million without tax; what is special about one its
 * last digits say (`magic` in `vat.twin.ts`).
 */
import { core, dealers, suppliers, unit } from '../world.ts';

export interface TaxInvoice {
  readonly invoiceKind: string;
  readonly invoiceCode: string;
  readonly invoiceNo: string;
  readonly invoiceDate: string;
  readonly seller: { readonly name: string; readonly taxNo: string };
  readonly buyer: { readonly name: string; readonly taxNo: string };
  readonly total: string;
  readonly totalTax: string;
  readonly amount: string;
  readonly status: string;
  readonly redAmount: string;
  readonly detailList: readonly object[];
}

/** What became of an invoice since it was issued; whole, or a part in fen. */
export interface Change {
  readonly status: '10' | '30' | 'X1';
  readonly redFen: string;
  readonly redInvoiceNos: readonly string[];
}

export const issued = '20261120';
export const verifyCode = '582910';
export const totalFen = 113_000_000n;
const codeOfAll = '3502261130';
const kinds: Readonly<Record<string, string>> = { '0': '01', '1': '04', '2': '08', '3': '10' };
const digitalKinds: Readonly<Record<string, string>> = { '1': '31', '2': '32' };

export function invoiceAt(code: string, no: string, change: Change | undefined): TaxInvoice | undefined {
  const kind = kindOf(code, no);
  if (kind === undefined || no.endsWith('44')) return undefined;
  const { seller, buyer } = sidesOf(code, no);
  const red = no.endsWith('20');
  const sign = red ? '-' : '';
  const status = change?.status ?? (red ? '20' : no.endsWith('10') ? '10' : no.endsWith('30') ? '30' : '0');
  return {
    invoiceKind: kind,
    invoiceCode: code,
    invoiceNo: no,
    invoiceDate: issued,
    seller: { name: seller?.name ?? '', taxNo: seller?.uscc ?? '' },
    buyer: { name: buyer?.name ?? '', taxNo: buyer?.uscc ?? '' },
    total: `${sign}1000000.00`,
    totalTax: `${sign}130000.00`,
    amount: `${sign}1130000.00`,
    status,
    redAmount: yuan(change ? BigInt(change.redFen) : status === '30' ? totalFen : 0n),
    detailList: linesOf(sign),
  };
}

/** As printed: goods, a discount that stands in a line of its own, and carriage, which has neither unit nor count. */
function linesOf(sign: string): object[] {
  const line = (goodsName: string, unit: string, quantity: string, amount: string, tax: string) => ({
    goodsName,
    unit,
    quantity,
    amount,
    taxRate: '13%',
    tax,
  });
  if (sign === '-') return [line('*黑色金属冶炼压延品*螺纹钢', '吨', '-294.11764706', '-1000000.00', '-130000.00')];
  return [
    line('*黑色金属冶炼压延品*螺纹钢 HRB400E 12mm', '吨', '300', '1020000.00', '132600.00'),
    line('*黑色金属冶炼压延品*螺纹钢 HRB400E 12mm', '', '', '-30000.00', '-3900.00'),
    line('*运输服务*装卸费', '', '', '10000.00', '1300.00'),
  ];
}

/** Suppliers issue in Shandong (37), all to the core enterprise; the sixth digit says which of them. */
function sidesOf(code: string, no: string) {
  const [, place] = code === '' ? (/^2637[12](\d)/.exec(no) ?? []) : [];
  if (place !== undefined) return { seller: suppliers[Number(place) % suppliers.length], buyer: core };
  return { seller: unit, buyer: dealers[Number(no.at(-1)) % dealers.length] ?? dealers[0] };
}

/** Old ones: code 3502261130, the fifth digit of the number is the kind. Fully digital: 2635, kind, and zeros before the rest; 2637, kind, supplier, and what they like. */
function kindOf(code: string, no: string): string | undefined {
  const [, old] = /^0000(\d)\d{3}$/.exec(no) ?? [];
  if (old !== undefined) return code === codeOfAll ? kinds[old] : undefined;
  const [, kind] = /^26(?:35([12])0{9}\d{6}|37[12]\d{15})$/.exec(no) === null ? [] : [no, no.charAt(4)];
  return code === '' && kind !== undefined ? digitalKinds[kind] : undefined;
}

export function yuan(fen: bigint): string {
  const digits = String(fen).padStart(3, '0');
  return `${digits.slice(0, -2)}.${digits.slice(-2)}`;
}
