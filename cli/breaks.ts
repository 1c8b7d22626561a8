/** `lianshu breaks`: what is open between the books, the oldest first. */
import type { ShownBreak } from '../ledger/money/breaks.ts';
import { askHub, print } from './hubCall.ts';

export async function breaks(options: {
  readonly json: boolean;
  readonly kind?: string | undefined;
  readonly owner?: string | undefined;
}): Promise<number> {
  const query = new URLSearchParams(
    Object.entries({ kind: options.kind, owner: options.owner }).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value]],
    ),
  );
  const { breaks: open } = (await askHub(`/v1/breaks${query.size === 0 ? '' : `?${query}`}`)) as {
    breaks: ShownBreak[];
  };
  if (open.length === 0) return print(options.json, [], ['各方账目一致，没有未处理的差异  no break is open']);
  return print(options.json, open, open.map(line));
}

function line({ no, kind, ageDays, owner, dueOn, late, difference, act }: ShownBreak): string {
  return `${kind.padEnd(9)} ${String(ageDays).padStart(3)} 天d  ${owner.padEnd(16)} ${late ? '逾期 late' : '至 due'} ${dueOn}  ${difference}\n    ${no}\n    ${act.zh}  ${act.en}`;
}
