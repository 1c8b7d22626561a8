/**
 * Tencent Cloud SMS (腾讯云短信), API 3.0, service `sms`, version 2021-01-11.
 *
 * Known, from the vendor's pages on SendSms (382/55981), PullSmsSendStatusByPhoneNumber (382/40518), the delivery report
 * (短信下发状态通知, 382/5807), its lists of codes and its SDK: names and types of all fields below; that `SessionContext` comes back
 * in both answers; that a message is known by phone number and time only, with a row once the operator has reported; that
 * neither answers nor reports are signed; that the report's reply is `{"result":0,"errmsg":"OK"}`.
 * Chosen: a secret in the address of the report (`?token=`), and that a report is believed only as far as the vendor's own
 * answer says the same.
 *
 * Messages hold more fields than are looked at, so those of answers and reports are open.
 */
import { Type } from 'typebox';
import { contract, strict } from '../contract.ts';

/** E.164. */
const PhoneNumber = Type.String({ pattern: '^\\+86\\d{11}$', maxLength: 14, 'x-pii': 'phone' });
const Code = Type.String({ pattern: '^[0-9A-Za-z.]{1,96}$', maxLength: 96 });
const Serial = Type.String({ minLength: 1, maxLength: 64, pattern: '^\\P{Cc}+$' });
const session = Type.String({ maxLength: 512 });
const words = Type.Optional(Type.String({ maxLength: 1_000 }));

/** Of `SendSms`; the dialect adds application, signature (短信签名) and template, which are settings. */
export const SmsSend = contract(
  'notify/sms/send',
  strict({
    PhoneNumberSet: Type.Array(PhoneNumber, { minItems: 1, maxItems: 1 }),
    TemplateParamSet: Type.Array(Type.String({ minLength: 1, maxLength: 32 }), { maxItems: 8 }),
    SessionContext: session,
  }),
);

/** One number was asked for, and one is answered. A refused message has no serial. */
export const SmsStatuses = contract(
  'notify/sms/statuses',
  Type.Object({
    SendStatusSet: Type.Array(
      Type.Object({
        SerialNo: Type.Optional(Serial),
        PhoneNumber,
        SessionContext: session,
        Code,
        Message: words,
      }),
      { minItems: 1, maxItems: 1 },
    ),
  }),
);

/** Of `PullSmsSendStatusByPhoneNumber`; the dialect adds the application. Seconds since 1970. */
export const SmsPull = contract(
  'notify/sms/pull',
  strict({
    BeginTime: Type.Integer({ minimum: 0, maximum: 9_999_999_999 }),
    Offset: Type.Literal(0),
    Limit: Type.Literal(100),
    PhoneNumber,
  }),
);

const Row = Type.Object({
  /** Seconds since 1970. */
  UserReceiveTime: Type.Integer({ minimum: 1_000_000_000, maximum: 9_999_999_999 }),
  PhoneNumber,
  SerialNo: Serial,
  ReportStatus: Type.String({ pattern: '^[0-9A-Z_]{1,32}$', maxLength: 32 }),
  Description: words,
  SessionContext: Type.Optional(session),
});

export const SmsRow = contract('notify/sms/row', Row);

export const SmsRows = contract(
  'notify/sms/rows',
  Type.Object({ PullSmsSendStatusSet: Type.Array(Row, { maxItems: 100 }) }),
);

/** The rows of one phone number, and which message is meant. */
export const SmsAsked = contract(
  'notify/sms/asked',
  strict({ messageNo: Serial, rows: Type.Array(Row, { maxItems: 100 }) }),
);

/** What is posted: several at a time. */
export const SmsReports = contract(
  'notify/sms/reports',
  Type.Array(
    Type.Object({
      nationcode: Type.Literal('86'),
      mobile: Type.String({ pattern: '^\\d{11}$', maxLength: 11, 'x-pii': 'phone' }),
      report_status: Type.String({ pattern: '^[0-9A-Z_]{1,32}$', maxLength: 32 }),
      sid: Serial,
    }),
    { minItems: 1, maxItems: 50 },
  ),
);
