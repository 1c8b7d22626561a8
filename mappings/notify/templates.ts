/**
 * What is told to people by text message. Each text is registered with the vendor once, with {1}, {2} … in place of the names;
 * the vendor's number of it is a setting of the system (`template.<name>`). As little of a person as possible stands in them:
 * no names of persons, no identity or account numbers.
 */
import type { Message } from '../../contracts/contract.ts';
import { Failure } from '../../contracts/failures.ts';
import type { SmsMessage } from '../../contracts/notify/notify.ts';

type Name = Message<typeof SmsMessage>['template'];

export const smsTemplates = {
  invitation: '贵司受邀办理{project}，邀请码{code}，{days}天内有效。如非本人操作请忽略。',
  signRequest: '合同{contractNo}待贵司签署，请于{deadline}前登录平台处理。',
  offerResult: '贵司融资申请{applicationNo}已有结果，请于{deadline}前登录平台查看。',
  marginCall: '融资{loanNo}质押率已达{ltv}，请于{deadline}前补足{amount}元或提前还款。',
  repaymentDue: '融资{loanNo}将于{date}到期，应还{amount}元，请按时还款。',
  goodsReleased: '提货单{releaseNo}已放行，共{quantity}，请凭提货码至仓库提货。',
  priceWarn: '融资{loanNo}质押率已达{ltv}，达到{callRate}将要求追加，请关注。',
  stockAlarm: '批次{lotNo}账实不符，账面{booked}，实存{counted}，预警{alertNo}，请立即核查。',
  overdue: '贵司融资{loanNo}已逾期{days}天，应还{amount}元，请于{deadline}前还款。',
  listingLifted: '贵司黑名单记录{entryNo}经复核有误，已于{date}撤销，特此更正。',
} as const satisfies Record<Name, string>;

const placeholder = /\{(\w+)\}/g;

/** Names of its placeholders, in the order in which the vendor counts them. */
export function placeholdersOf(template: Name): string[] {
  return [...smsTemplates[template].matchAll(placeholder)].map(([, name = '']) => name);
}

/** As it is registered with the vendor. */
export function registeredText(template: Name): string {
  let count = 0;
  return smsTemplates[template].replaceAll(placeholder, () => `{${(count += 1)}}`);
}

/** Values in the vendor's order. @throws Failure CONTRACT_VIOLATED when they are not exactly those of the template */
export function valuesFor(template: Name, params: Message<typeof SmsMessage>['params']): string[] {
  const given = new Map(params.map(({ name, value }) => [name, value]));
  const due = placeholdersOf(template);
  const strange = params.find(({ name }) => !due.includes(name));
  if (strange || given.size !== params.length)
    throw violated('#/params', `${template} takes each of ${due.join(', ')} once`);
  return due.map((name) => {
    const value = given.get(name);
    if (value === undefined) throw violated('#/params', `${template} needs ${name}`);
    if (/https?:|www\./i.test(value)) throw violated('#/params', `${name}: the vendor takes no addresses`);
    return withoutNumbersOfPeople(value, '#/params');
  });
}

/** Identity numbers have 18 digits and account numbers 12 to 19; our own have letters or a dash in them. */
const longNumber = /\d[\d ]{13,}[\dXx]/;

/** @throws Failure CONTRACT_VIOLATED */
export function withoutNumbersOfPeople(text: string, pointer: string): string {
  if (longNumber.test(text))
    throw violated(pointer, 'holds what may be an identity or account number: it is masked or left out');
  return text;
}

function violated(pointer: string, detail: string): Failure {
  return new Failure('CONTRACT_VIOLATED', {
    detail: `${pointer} ${detail}`,
    errors: [{ pointer, code: 'not_supported', detail }],
  });
}
