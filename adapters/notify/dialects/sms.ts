/**
 * The `sms` dialect: Tencent Cloud SMS. A message goes out under an approved template; the operator's report comes minutes later,
 * posted to us or asked for.
 *
 * A posted report is not signed. It has a secret in its address, and it is no more than a hint: what becomes a fact is what the
 * vendor itself answers when it is asked about that number, and a report that it does not confirm is not taken.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { Contract, Message } from '../../../contracts/contract.ts';
import { Failure } from '../../../contracts/failures.ts';
import { parseJson } from '../../../contracts/gate/json.ts';
import type { notify } from '../../../contracts/notify/notify.ts';
import { SmsReports, SmsRows, SmsStatuses, type SmsPull } from '../../../contracts/notify/sms.wire.ts';
import {
  mustBeSent,
  smsDeliveryOf,
  smsEnquiryOf,
  smsPullOf,
  smsSendOf,
  smsSentOf,
} from '../../../mappings/notify/sms.ts';
import type { Dialect, Inbound, Received, Reply } from '../../adapter.ts';
import { turnOn } from '../../pace.ts';
import { askTencent } from '../../tencent.ts';
import type { Wire } from '../../wire.ts';

const reportLimits = { bytesMax: 65_536, depthMax: 4 } as const;
/** An operator has three days to report. */
const reportMs = 3 * 86_400_000;
/** The vendor answers 20 questions a second. */
const pullsPerSecondMax = 16;

type Row = Message<typeof SmsRows>['PullSmsSendStatusSet'][number];

export const smsDialect: Dialect<typeof notify> = {
  operations: {
    async sendSms(request, wire) {
      const { settings } = wire.system;
      const template = settings[`template.${request.template}`];
      if (template === undefined)
        throw new Failure('OPERATION_NOT_OFFERED', {
          detail: `no setting template.${request.template}: not registered`,
        });
      const message = smsSendOf(request);
      const fields = await ask('SendSms', { ...message, SignName: settings['signName'], TemplateId: template }, wire);
      const statuses = checked(SmsStatuses, fields);
      const [status] = statuses.SendStatusSet;
      if (status?.SessionContext !== message.SessionContext || status.PhoneNumber !== message.PhoneNumberSet[0])
        throw new Failure('ANSWER_UNVERIFIED', { detail: 'the answer is of another message' });
      return smsSentOf(statuses);
    },

    async readSmsDelivery(request, wire) {
      const rows = await pulled(smsPullOf(request), wire);
      return smsEnquiryOf({ messageNo: request.messageNo, rows: [...rows] });
    },
  },
  receive,
  refuse: (failure) => said(failure.type === 'SIGNATURE_MISMATCH' ? 401 : 400, 1, failure.type),
};

async function receive(inbound: Inbound, wire: Wire): Promise<Received> {
  if (inbound.method !== 'POST' || inbound.path !== '/report')
    throw new Failure('METHOD_UNKNOWN', { detail: 'reports are posted to /report' });
  const shown = inbound.query['token'] ?? '';
  if (
    !same(
      shown,
      wire.keys.secret('report-token', (token) => same(shown, token)),
    )
  )
    throw new Failure('SIGNATURE_MISMATCH', { detail: 'the address of the report has no token, or another' });
  const reports = SmsReports.check(parseJson(inbound.body, reportLimits));
  const rows = new Map<string, readonly Row[]>();
  for (const mobile of new Set(reports.map((report) => report.mobile))) {
    const sentAt = new Date(wire.now().getTime() - reportMs).toISOString();
    rows.set(mobile, await pulled(smsPullOf({ messageNo: 'any', phone: mobile, sentAt }), wire));
  }
  const notices = reports.map((report) => {
    const row = rows.get(report.mobile)?.find(({ SerialNo: serial }) => serial === report.sid);
    if (row?.ReportStatus !== report.report_status || row.SessionContext === undefined)
      throw new Failure('ANSWER_UNVERIFIED', { detail: 'the vendor, when asked, does not say the same' });
    return { notice: 'smsDelivered', message: smsDeliveryOf(row) };
  });
  return { notices, reply: said(200, 0, 'OK') };
}

async function pulled(pull: Message<typeof SmsPull>, wire: Wire): Promise<readonly Row[]> {
  await turnOn(wire.system.id, pullsPerSecondMax);
  const { PullSmsSendStatusSet: rows } = checked(SmsRows, await ask('PullSmsSendStatusByPhoneNumber', pull, wire));
  if (rows.some(({ PhoneNumber: number }) => number !== pull.PhoneNumber))
    throw new Failure('ANSWER_UNVERIFIED', { detail: 'the answer is of another telephone' });
  return rows;
}

/** @throws Failure when it is an error of the call */
async function ask(action: string, body: object, wire: Wire): Promise<Readonly<Record<string, unknown>>> {
  const { sdkAppId = '', region } = wire.system.settings;
  const call = { service: 'sms', version: '2021-01-11', action, region } as const;
  const answer = await askTencent({ ...call, body: { ...body, SmsSdkAppId: sdkAppId } }, wire);
  if (!answer.error) return answer.fields;
  mustBeSent(answer.error.code, answer.error.words);
  throw new Failure('OUTCOME_UNKNOWN', { detail: `${answer.error.code} is no error` });
}

function said(status: number, result: number, errmsg: string): Reply {
  return {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8' },
    body: Buffer.from(JSON.stringify({ result, errmsg })),
  };
}

/** Hashes have one length, whatever was shown. */
function same(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}

/** What this vendor never answers: what was done is not known. */
function checked<T>(shape: Pick<Contract, 'name'> & { check(value: unknown): T }, fields: unknown): T {
  try {
    return shape.check(fields);
  } catch (cause) {
    throw new Failure('OUTCOME_UNKNOWN', { detail: `the answer is no ${shape.name}`, cause });
  }
}
