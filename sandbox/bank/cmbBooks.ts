/** What the bank remembers of one customer: its payments, and the movements of its account. Plain JSON. */
import type { TwinContext } from '../twin.ts';
import { stampAt } from './cmbSeal.ts';

export interface PayRow {
  readonly dbtAcc: string;
  readonly crtAcc: string;
  readonly crtNam: string;
  readonly crtBnk: string;
  readonly brdNbr: string;
  readonly bnkFlg: string;
  readonly ccyNbr: string;
  readonly trsAmt: string;
  readonly nusAge: string;
  readonly busNar: string;
  readonly yurRef: string;
  readonly stlChn: string;
  readonly trsTyp: string;
  readonly rcvChk: string;
}

export interface Payment {
  readonly row: PayRow;
  readonly reqNbr: string;
  readonly oprDat: string;
  reqSts: 'AUT' | 'BNK' | 'WRF' | 'FIN';
  rtnFlg: '' | 'S' | 'F' | 'B' | 'D' | 'U';
  rtnNar: string;
  trxSeq: string;
  /** When it came back: the list of returns (BB1PAYQB) has it from then on. */
  updDat?: string;
}

export interface Movement {
  /** 记账序号: from 1 upward, each day anew. */
  readonly seq: number;
  readonly etydat: string;
  readonly etytim: string;
  readonly trscod: string;
  readonly trsamt: string;
  readonly amtcdr: 'C' | 'D';
  readonly refnbr: string;
  readonly naryur: string;
  readonly yurref: string;
  readonly rpynam: string;
  readonly rpyacc: string;
}

export interface CmbBooks {
  serial: number;
  readonly payments: Record<string, Payment>;
  readonly movements: Movement[];
}

export type Cmb = TwinContext<CmbBooks>;

export function paymentOf(bank: Cmb, yurRef: string): Payment | undefined {
  return Object.hasOwn(bank.memory.payments, yurRef) ? bank.memory.payments[yurRef] : undefined;
}

export function nextNumber(bank: Cmb, places: number): string {
  bank.memory.serial += 1;
  return String(bank.memory.serial).padStart(places, '0');
}

/** Business time, `yyyyMMddHHmmssSSS`. */
export function nowStamp(bank: Cmb): string {
  return stampAt(bank.clock.now().getTime());
}

export function book(
  bank: Cmb,
  line: Partial<Movement> & Pick<Movement, 'trscod' | 'trsamt' | 'amtcdr'>,
  day = nowStamp(bank).slice(0, 8),
): string {
  const { movements } = bank.memory;
  const refnbr = `K${day.slice(2)}${nextNumber(bank, 8)}`;
  movements.push({
    seq: movements.filter(({ etydat }) => etydat === day).length + 1,
    etydat: day,
    etytim: nowStamp(bank).slice(8, 14),
    refnbr,
    naryur: '',
    yurref: '',
    rpynam: '',
    rpyacc: '',
    ...line,
  });
  return refnbr;
}
