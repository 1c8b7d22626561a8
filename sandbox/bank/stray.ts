/** What a bank's people should never do, and sometimes do: for the days on which the hub must notice. */
import { fenOf, fileOf, nextNumber, type Bank } from './books.ts';

type Args = Record<string, unknown>;
type Act = (args: Args, bank: Bank) => void;

/** Made of what they do every day. */
export const stray = ({
  decide,
  settle,
}: Readonly<Record<'decide' | 'settle', Act>>): Readonly<Record<string, Act>> => ({
  /** Another officer decides what was decided already, and the bank tells that too. Arguments of `decide`. */
  decideAgain: (args: Args, bank: Bank): void => {
    const file = fileOf(bank.memory.applications, textOf(args, 'applicationNo'), '4040');
    delete file.decision;
    decide(args, bank);
  },

  /** Against all rules: approved although it was taken back, and paid out although nobody asked. `{ applicationNo }`. */
  lendAnyway: (args: Args, bank: Bank): void => {
    const file = fileOf(bank.memory.applications, textOf(args, 'applicationNo'), '4040');
    const { applNo, borrower, payee, order, ccy } = file.request;
    const instrNo = `${applNo}-X`.slice(-30);
    decide({ ...args, despite: 'withdrawal' }, bank);
    const request = {
      instrNo,
      applNo,
      bankRef: file.answer.bankRef,
      contractNo: applNo,
      mandateNo: applNo,
      borrower,
      payee,
      amt: file.decision?.offer?.amt ?? '0.00',
      ccy,
      orderNo: order.orderNo,
      remark: order.orderNo,
    };
    bank.memory.payments[instrNo] = { digest: '', request, answer: { payNo: nextNumber(bank, 'PY') }, status: 'P' };
    if (file.limit) file.limit.reservedFen = String(fenOf(request.amt));
    settle({ instructionNo: instrNo }, bank);
  },
});

function textOf(args: Args, name: string): string {
  const value = args[name];
  if (typeof value !== 'string') throw new Error(`${name} is missing`);
  return value;
}
