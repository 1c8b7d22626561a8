/** What a registrar must type or upload again: all that can be seen to be wrong by looking at his result alone. */
import type { Message } from '../../contracts/contract.ts';
import type { FieldError } from '../../contracts/failures.ts';
import type { ManualTicket } from '../../contracts/registry/manual.wire.ts';
import { manualStates, manualTasks } from './manual.codes.ts';

type Ticket = Message<typeof ManualTicket>;

type Result = NonNullable<Ticket['result']>;

/** A field of the result, its name at the desk, what is wrong with it, and when. */
type Rule = readonly [field: keyof Result, label: string, words: string, wrong: (result: Result) => boolean];

const number: readonly Rule[] = [
  ['registrationNo', '登记证明编号', '应为 20 位数字', (r) => !/^\d{20}$/.test(r.registrationNo ?? '')],
  [
    'registrationNoAgain',
    '登记证明编号（再次录入）',
    '两次录入不一致',
    (r) => r.registrationNo !== r.registrationNoAgain,
  ],
];
const certificate: Rule = ['certificate', '证明文件', '不是完整的 PDF 文件', (r) => !isPdf(r.certificate?.content)];
const change: readonly Rule[] = [
  ...number,
  ['changedAt', '变更时间', '未填写或日期不存在', (r) => !isTime(r.changedAt)],
  certificate,
];

const rules: Readonly<Record<ReturnType<typeof taskOf>, readonly Rule[]>> = {
  searched: [
    ['searchNo', '查询证明编号', '未填写', (r) => !r.searchNo],
    ['searchedAt', '查询时间', '未填写或日期不存在', (r) => !isTime(r.searchedAt)],
    ['searchedNames', '已查询名称', '未填写', (r) => !r.searchedNames],
    ['hits', '查询结果', '未填写（没有登记也要填 0 笔）', (r) => !r.hits],
    certificate,
  ],
  registered: [
    ...number,
    ['amendCode', '修改码', '应为 4 至 32 位字母或数字', (r) => !/^[0-9A-Za-z]{4,32}$/.test(r.amendCode ?? '')],
    ['amendCodeAgain', '修改码（再次录入）', '两次录入不一致', (r) => r.amendCode !== r.amendCodeAgain],
    ['registeredAt', '登记时间', '未填写或日期不存在', (r) => !isTime(r.registeredAt)],
    ['expiresAt', '到期时间', '未填写或日期不存在', (r) => !isTime(r.expiresAt)],
    ['expiresAt', '到期时间', '不晚于登记时间', (r) => (r.expiresAt ?? '') <= (r.registeredAt ?? '')],
    certificate,
  ],
  amended: change,
  cancelled: change,
};

/**
 * What is wrong, in the registrar's words, field by field; nothing for an order that is not done.
 * @throws Failure EXT_CODE_UNMAPPED
 */
export function mistakesIn(ticket: Ticket): FieldError[] {
  if (stateOf(ticket) !== 'done') return [];
  const result = ticket.result ?? {};
  return rules[taskOf(ticket)]
    .filter(([, , , wrong]) => wrong(result))
    .map(([field, label, words]) => ({ pointer: `#/result/${field}`, code: 'retype', detail: `${label}：${words}` }));
}

export function stateOf({ state }: Ticket) {
  return manualStates.of(state, '#/ticket/state');
}

export function taskOf({ task }: Ticket) {
  return manualTasks.of(task, '#/ticket/task');
}

/** The 30th of February is none. */
function isTime(beijingTime = ''): boolean {
  const text = beijingTime.replace(' ', 'T');
  const ms = Date.parse(`${text}Z`);
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(text);
}

const tailBytes = 1_024;

function isPdf(content = ''): boolean {
  const bytes = Buffer.from(content, 'base64');
  return bytes.subarray(0, 5).toString('latin1') === '%PDF-' && bytes.subarray(-tailBytes).includes('%%EOF');
}
