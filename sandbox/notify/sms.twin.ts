/**
 * Tencent Cloud SMS (腾讯云短信). A message is taken at once under an approved template; the operator reports some minutes later, and
 * the report is posted to the customer and can be asked for by telephone number. The same message twice is two messages.
 *
 * Magic values, endings of the telephone number:
 * - `0000`: the operator cannot deliver (`FAIL`, UNDELIV); `0009`: it never reports;
 * - `0001`: he wants no messages (`FailedOperation.PhoneNumberInBlacklist`); `0002`: more than one in 30 seconds, the first time
 *   only (`LimitExceeded.PhoneNumberThirtySecondLimit`); `0003`: `LimitExceeded.PhoneNumberDailyLimit`;
 * - `0004`: the first time the vendor says `InternalError.Timeout`, although the message goes out.
 */
import { randomBytes } from 'node:crypto';
import { admit, answered, fieldsOf, trouble, type Trouble } from '../tencentCloud.ts';
import { twin, type TwinAnswer, type TwinContext, type TwinRequest } from '../twin.ts';

interface Sent {
  readonly serial: string;
  readonly phone: string;
  readonly session: string;
  readonly atMs: number;
  report: {
    readonly status: 'SUCCESS' | 'FAIL';
    readonly code: string;
    readonly words: string;
    readonly atMs: number;
  } | null;
}

interface Memory {
  sent: Sent[];
  /** Numbers that met their magic once. */
  met: Record<string, true>;
  /** Telephones that are switched off now. */
  off?: Record<string, true>;
  /** Real times of the newest questions about a number. */
  recent: number[];
  serial: number;
}

const secretId = 'AKIDSandboxLianshuSms';
const sdkAppId = '1400006666';
const signName = '链枢';
/** The customer's templates, by the vendor's number, and how many placeholders each has. */
const templates: Readonly<Record<string, { name: string; places: number }>> = {
  '1110001': { name: 'invitation', places: 3 },
  '1110002': { name: 'signRequest', places: 2 },
  '1110003': { name: 'offerResult', places: 2 },
  '1110004': { name: 'marginCall', places: 4 },
  '1110005': { name: 'repaymentDue', places: 3 },
  '1110006': { name: 'goodsReleased', places: 2 },
  '1110011': { name: 'priceWarn', places: 3 },
  '1110012': { name: 'stockAlarm', places: 4 },
  '1110021': { name: 'overdue', places: 4 },
  '1110022': { name: 'listingLifted', places: 2 },
};
const minuteMs = 60_000;
const reportAfterMs = 3 * minuteMs;
const keptMs = 7 * 24 * 60 * minuteMs;
const pullsPerSecondMax = 20;
const rowsMax = 100;

type Fields = Readonly<Record<string, unknown>>;

export const notifySms = twin<Memory>({
  name: 'notify-sms',
  kind: 'notify',
  dialect: 'sms',
  title: { zh: '短信（腾讯云）', en: 'Text messages (Tencent Cloud)' },
  settings: {
    secretId,
    sdkAppId,
    signName,
    region: 'ap-guangzhou',
    ...Object.fromEntries(Object.entries(templates).map(([id, { name }]) => [`template.${name}`, id])),
  },
  magic: [
    { where: 'telephone 手机号', value: '…0000', effect: 'not delivered: FAIL 未送达' },
    { where: 'telephone 手机号', value: '…0001', effect: 'wants no messages: PhoneNumberInBlacklist 免打扰' },
    { where: 'telephone 手机号', value: '…0002', effect: 'the first time PhoneNumberThirtySecondLimit 频率限制' },
    { where: 'telephone 手机号', value: '…0003', effect: 'PhoneNumberDailyLimit 当日上限' },
    {
      where: 'telephone 手机号',
      value: '…0004',
      effect: 'the first time InternalError.Timeout, and it goes out 超时但已发',
    },
    { where: 'telephone 手机号', value: '…0009', effect: 'the operator never reports 无回执' },
  ],
  enrol: () => {
    const files = {
      'tc3-secret.txt': randomBytes(24).toString('base64url'),
      'report-token.txt': randomBytes(24).toString('base64url'),
    };
    return { hub: files, twin: files };
  },
  memory: () => ({ sent: [], met: {}, recent: [], serial: 0 }),
  operationOf: ({ headers }) =>
    ({ SendSms: 'sendSms', PullSmsSendStatusByPhoneNumber: 'readSmsDelivery' })[headers['x-tc-action'] ?? ''],
  handle,
  acts: {
    /** The operator reports what became of a message, and the customer is told. */
    /** `{ phone, on }`: nothing reaches it until it is switched on again. */
    switchOff: ({ phone, on }, { memory }) => {
      memory.off = { ...memory.off };
      if (on === true) delete memory.off[`+86${String(phone)}`];
      else memory.off[`+86${String(phone)}`] = true;
    },
    report: ({ session, serial }, twin) => report(twin, (sent) => sent.session === session || sent.serial === serial),
  },
});

function handle(request: TwinRequest, twin: TwinContext<Memory>): TwinAnswer {
  const secretKey = twin.key('tc3-secret.txt');
  const wrong = admit(request, { service: 'sms', version: '2021-01-11', secretId, secretKey });
  if (wrong) return answered(wrong);
  const fields = fieldsOf(request);
  if (!fields) return answered(trouble('FailedOperation.JsonParseFail'));
  if (request.headers['x-tc-region'] !== 'ap-guangzhou') return answered(trouble('UnsupportedRegion'));
  if (fields['SmsSdkAppId'] !== sdkAppId) return answered(trouble('InvalidParameterValue.SdkAppIdNotExist'));
  switch (request.headers['x-tc-action']) {
    case 'SendSms':
      return answered(send(fields, twin));
    case 'PullSmsSendStatusByPhoneNumber':
      return answered(pull(fields, twin));
    default:
      return answered(trouble('InvalidAction'));
  }
}

function send(fields: Fields, twin: TwinContext<Memory>): Trouble | Fields {
  const {
    PhoneNumberSet: phones,
    TemplateId: templateId,
    TemplateParamSet: params,
    SessionContext: session = '',
  } = fields;
  if (fields['SignName'] !== signName) return trouble('FailedOperation.SignatureIncorrectOrUnapproved');
  if (!Array.isArray(phones) || phones.length === 0) return trouble('MissingParameter.EmptyPhoneNumberSet');
  if (phones.length > 200) return trouble('LimitExceeded.PhoneNumberCountLimit');
  if (typeof session !== 'string' || Buffer.byteLength(session) > 512) return trouble('InvalidParameterValue');
  return {
    SendStatusSet: phones.map((phone: unknown) => {
      const number = String(phone);
      const code = codeOf(number, String(templateId), params, twin);
      const taken = code === 'Ok' || code === 'InternalError.Timeout';
      const serial = taken ? take(number, session, twin) : '';
      return {
        SerialNo: code === 'Ok' ? serial : '',
        PhoneNumber: number,
        Fee: code === 'Ok' ? 1 : 0,
        SessionContext: session,
        Code: code,
        Message: code === 'Ok' ? 'send success' : code,
        IsoCode: 'CN',
      };
    }),
  };
}

function codeOf(phone: string, templateId: string, params: unknown, twin: TwinContext<Memory>): string {
  if (!/^\+861\d{10}$/.test(phone)) return 'InvalidParameterValue.IncorrectPhoneNumber';
  const template = Object.hasOwn(templates, templateId) ? templates[templateId] : undefined;
  if (!template) return 'FailedOperation.TemplateUnapprovedOrNotExist';
  const values = Array.isArray(params) ? (params as unknown[]) : [];
  if (values.length !== template.places) return 'FailedOperation.TemplateParamSetNotMatchApprovedTemplate';
  if (values.some((value) => typeof value !== 'string' || value === '' || [...value].length > 32))
    return 'InvalidParameterValue.TemplateParameterLengthLimit';
  if (values.some((value) => /https?:|www\./i.test(String(value))))
    return 'InvalidParameterValue.ProhibitedUseUrlInTemplateParameter';
  const { met } = twin.memory;
  const first = !Object.hasOwn(met, phone);
  met[phone] = true;
  if (phone.endsWith('0001')) return 'FailedOperation.PhoneNumberInBlacklist';
  if (phone.endsWith('0002') && first) return 'LimitExceeded.PhoneNumberThirtySecondLimit';
  if (phone.endsWith('0003')) return 'LimitExceeded.PhoneNumberDailyLimit';
  return phone.endsWith('0004') && first ? 'InternalError.Timeout' : 'Ok';
}

function take(phone: string, session: string, twin: TwinContext<Memory>): string {
  const { memory, clock } = twin;
  const atMs = clock.now().getTime();
  const serial = `5000:${atMs}${String((memory.serial += 1)).padStart(10, '0')}`;
  memory.sent = [
    ...memory.sent.filter((sent) => sent.atMs > atMs - keptMs),
    { serial, phone, session, atMs, report: null },
  ];
  twin.effect('sent', session, { serial });
  if (!phone.endsWith('0009')) twin.later('report', { serial }, reportAfterMs);
  return serial;
}

async function report(twin: TwinContext<Memory>, isMeant: (sent: Sent) => boolean): Promise<void> {
  const sent = twin.memory.sent.findLast(isMeant);
  if (!sent) return;
  const failed = sent.phone.endsWith('0000') || twin.memory.off?.[sent.phone] === true;
  sent.report ??= {
    status: failed ? 'FAIL' : 'SUCCESS',
    code: failed ? 'UNDELIV' : 'DELIVRD',
    words: failed ? '用户关机或停机' : '用户短信送达成功',
    atMs: twin.clock.now().getTime(),
  };
  const { status, code, words, atMs } = sent.report;
  const one = {
    user_receive_time: new Date(atMs + 8 * 60 * minuteMs).toISOString().slice(0, 19).replace('T', ' '),
    nationcode: '86',
    mobile: sent.phone.slice(3),
    report_status: status,
    errmsg: code,
    description: words,
    sid: sent.serial,
  };
  const reply = await twin.post({
    path: reportPath(twin.key('report-token.txt')),
    headers: { 'content-type': 'application/json; charset=utf-8' },
    body: JSON.stringify([one]),
  });
  const { result } = JSON.parse(reply.body.toString()) as { result?: unknown };
  if (result !== 0) throw new Error('the report was not taken');
}

/** The address that the customer entered in the console. */
export const reportPath = (token: string): string => `/report?token=${token}`;

function pull(fields: Fields, { memory }: TwinContext<Memory>): Trouble | Fields {
  const { BeginTime: begin, EndTime: end, Offset: offset, Limit: limit, PhoneNumber: phone } = fields;
  const now = Date.now();
  memory.recent = [...memory.recent.filter((at) => at > now - 1_000), now];
  if (memory.recent.length > pullsPerSecondMax) return trouble('RequestLimitExceeded');
  if (typeof begin !== 'number' || !Number.isInteger(begin))
    return trouble('InvalidParameterValue.BeginTimeVerifyFail');
  if (offset !== 0) return trouble('InvalidParameterValue.OffsetVerifyFail');
  if (typeof limit !== 'number' || limit < 1 || limit > rowsMax)
    return trouble('InvalidParameterValue.LimitVerifyFail');
  const until = typeof end === 'number' ? end : Infinity;
  const rows = memory.sent.filter(
    (sent) => sent.phone === phone && sent.report && sent.atMs / 1_000 >= begin && sent.atMs / 1_000 <= until,
  );
  return {
    PullSmsSendStatusSet: rows.slice(0, limit).map((sent) => ({
      UserReceiveTime: Math.floor((sent.report?.atMs ?? 0) / 1_000),
      CountryCode: '86',
      SubscriberNumber: sent.phone.slice(3),
      PhoneNumber: sent.phone,
      SerialNo: sent.serial,
      ReportStatus: sent.report?.status,
      Description: sent.report?.words,
      SessionContext: sent.session,
    })),
  };
}
