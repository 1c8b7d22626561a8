/** Companies that come in, and what their people do on the way: recommended, invited, registered, agreed. */
import { createHash, randomInt } from 'node:crypto';
import { applicants, cityBank, factor, funder } from '../../world.ts';
import type { Stage } from '../scenario.ts';

export interface Newcomer {
  readonly name: string;
  readonly uscc: string;
  readonly sapNo: string;
  readonly legalRep: { readonly name: string; readonly idNo: string; readonly phone: string };
  readonly agent: { readonly name: string; readonly idNo: string; readonly phone: string; readonly cardNo?: string };
  readonly account: {
    readonly accountName: string;
    readonly accountNo: string;
    readonly bankName: string;
    readonly bankCode: string;
  };
}

const funders = [funder, cityBank, factor];
export const operator = { person: '运营经办', role: 'operator' };
export const checker = { person: '运营复核', role: 'operator-checker' };

/** One of the companies that everybody in the sandbox knows. */
export function applicant(place: number): Newcomer {
  const found = applicants[place - 1];
  if (!found) throw new Error(`there is no applicant ${place}`);
  return found;
}

const alphabet = '0123456789ABCDEFGHJKLMNPQRTUWXY';

/** GB 32100: weights 3^i mod 31. */
function usccOf(first17: string): string {
  let [sum, weight] = [0, 1];
  for (const symbol of first17) {
    sum += alphabet.indexOf(symbol) * weight;
    weight = (weight * 3) % 31;
  }
  return first17 + (alphabet[(31 - (sum % 31)) % 31] ?? '');
}

/** GB 11643. */
function idNoOf(first17: string): string {
  const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
  const sum = weights.reduce((total, weight, at) => total + weight * Number(first17[at]), 0);
  return first17 + ('10X98765432'[sum % 11] ?? '');
}

const digits = (length: number): string => Array.from({ length }, () => String(randomInt(10))).join('');

/** A company that nobody has heard of, run by one person; its code ends so. */
export function founded(ending = ''): Newcomer {
  const no = digits(6);
  let uscc = usccOf(`91350200MA${digits(7)}`);
  while (!uscc.endsWith(ending)) uscc = usccOf(`91350200MA${digits(6)}${ending[0] ?? digits(1)}`);
  const name = `厦门新设${no}贸易有限公司`;
  const person = { name: '许新立', idNo: idNoOf(`35020019880808${digits(3)}`), phone: `1391${digits(6)}5` };
  const accountNo = `41000200${digits(10)}1`;
  return {
    name,
    uscc,
    sapNo: `00008${digits(5)}`,
    legalRep: person,
    agent: person,
    account: { accountName: name, accountNo, bankName: '沙箱银行厦门分行', bankCode: '102393000018' },
  };
}

/** The register hears of it. */
export async function enrol(stage: Stage, { name, uscc, legalRep }: Newcomer): Promise<void> {
  await stage.act('cfca-idv', 'register', { uscc, entName: name, legalName: legalRep.name, legalIdNo: legalRep.idNo });
}

export interface Wish {
  readonly project?: string;
  readonly orderNos?: readonly string[];
  readonly phone?: string;
  readonly mail?: string;
}

/** The unit recommends it. Returns its case. */
export async function recommend(stage: Stage, company: Newcomer, wish: Wish = {}): Promise<string> {
  const recommendationNo = `TJ${stage.unique()}`;
  await stage.command('unit', '/v1/recommendations', {
    recommendationNo,
    projectId: wish.project ?? 'XM-SPOT-PLEDGE',
    customerNo: company.sapNo,
    name: company.name,
    uscc: company.uscc,
    contact: {
      name: company.agent.name,
      phone: wish.phone ?? company.agent.phone,
      mail: wish.mail ?? 'finance@newcomer.example',
    },
    orderNos: wish.orderNos ?? [],
  });
  return stage.caseOf(recommendationNo);
}

/** Recommended without a history, let through by an operator, and sent its code. */
export async function invited(stage: Stage, company: Newcomer, wish: Wish = {}): Promise<string> {
  const caseNo = await recommend(stage, company, wish);
  if ((wish.orderNos ?? []).length === 0) await stage.decide(caseNo, 'no trade history', operator);
  await stage.decide(caseNo, 'send the invitation', operator);
  return caseNo;
}

export async function codeOf(stage: Stage, caseNo: string): Promise<string> {
  let code: unknown;
  await stage.until(`the code of ${caseNo}`, async () => {
    code = await stage.value("select code from invitation where case_id = $1 and state = 'SENT'", [caseNo]);
    return code !== undefined;
  });
  return String(code);
}

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Returns the number of the registration. */
export async function register(
  stage: Stage,
  caseNo: string,
  company: Newcomer,
  change: { readonly registrationNo?: string; readonly code?: string; readonly by?: string } & Readonly<
    Record<string, unknown>
  > = {},
): Promise<string> {
  const { registrationNo = `RG${stage.unique()}`, code, by = 'applicant-1', ...fields } = change;
  await stage.command(by, '/v1/party-registrations', {
    registrationNo,
    caseNo,
    invitationCode: code ?? (await codeOf(stage, caseNo)),
    uscc: company.uscc,
    name: company.name,
    registeredAddress: '福建省厦门市思明区沙箱路1号',
    establishedOn: '2016-05-20',
    licence: { sha256: sha256(company.uscc) },
    legalRep: company.legalRep,
    agent: company.agent,
    account: company.account,
    roles: ['DEALER'],
    control: company.agent.idNo === company.legalRep.idNo ? 'LEGAL_REP' : 'ACCOUNT',
    ...fields,
  });
  return registrationNo;
}

export async function agree(
  stage: Stage,
  caseNo: string,
  face: 'agreed' | 'refused' = 'agreed',
  {
    by = 'applicant-1',
    to = funders,
  }: { readonly by?: string; readonly to?: readonly { readonly name: string }[] } = {},
): Promise<void> {
  await stage.command(by, '/v1/consent-sheets', {
    sheetNo: `SQ${stage.unique()}`,
    caseNo,
    documentSha256: sha256('数据授权书 2026-11'),
    consents: to.map(({ name }) => ({ purpose: 'financing', recipient: name })),
    face,
  });
}

/** Both operators say yes. */
export async function approved(stage: Stage, caseNo: string): Promise<void> {
  await stage.decide(caseNo, 'review the company', operator);
  await stage.decide(caseNo, 'approve the company', checker);
}

export async function archived(
  stage: Stage,
  caseNo: string,
  by: string,
  funderUscc: string,
  answer: object = { decision: 'taken', customerNo: `KH${stage.unique()}` },
): Promise<void> {
  await stage.command(by, '/v1/archives', { caseNo, funderUscc, answer });
}

/** What is typed back of the newest payment to that account, once it was made. */
export async function amountPaid(stage: Stage, company: Newcomer, payments = 1): Promise<string> {
  let amount: unknown;
  await stage.until(`payment ${payments} to ${company.name}`, async () => {
    const paid = stage
      .effects('cfca-idv', 'paid')
      .filter(({ detail }) => detail['accountNo'] === company.account.accountNo);
    amount = paid[payments - 1]?.detail['amount'];
    return amount !== undefined;
  });
  return String(amount);
}

export async function type(stage: Stage, caseNo: string, amount: string): Promise<void> {
  await stage.command('applicant-1', '/v1/account-amounts', { tryNo: `CS${stage.unique()}`, caseNo, amount });
}

export const partyState = (stage: Stage, company: Newcomer): Promise<unknown> =>
  stage.value('select state from party where uscc = $1', [company.uscc]);

/** How the onboarding of that case ended. */
export async function ended(stage: Stage, caseNo: string): Promise<{ outcome: string; detail: string }> {
  let row: { outcome: string; detail: string } | undefined;
  await stage.until(`the end of the onboarding of ${caseNo}`, async () => {
    [row] = await stage.rows<{ outcome: string; detail: string }>(
      "select outcome, detail from run_done where case_id = $1 and flow = 'onboarding'",
      [caseNo],
    );
    return row !== undefined;
  });
  return row ?? { outcome: '', detail: '' };
}

/** States of its verifications, by kind, in their order. */
export const verifications = (stage: Stage, company: Newcomer): Promise<{ kind: string; state: string }[]> =>
  stage.rows(
    'select v.kind, v.state from verification v join party p on p.id = v.party_id where p.uscc = $1 order by v.at, v.request_no',
    [company.uscc],
  );
