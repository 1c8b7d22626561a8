/**
 * Messages to people (消息通知): text messages, mail, a group of 企业微信.
 *
 * **At least once.** One message too many is a nuisance, one too few is a deadline that nobody heard of; and none of these
 * vendors finds a message by our number or sees that it was sent before. So sending is declared like a read: to the world of
 * value and goods it does nothing, and where the outcome is not known it is sent again after a while, up to the engine's limit;
 * only then people are asked. As a `write` without a query every lost answer would stop a run and wake two people for a text
 * message. Our number travels with each message (session, Message-ID, last line), so that whoever gets it twice can see it.
 *
 * That a text message arrived is a fact of its own (`smsDelivered`); what must have arrived waits for that, not for `sendSms`.
 *
 * No identity number and no account number in full ever stands in a message: mappings refuse any text with such a run of digits.
 */
import { Type } from 'typebox';
import { Instant, Phone, ShortText } from '../canonical/primitives.ts';
import { contract, strict } from '../contract.ts';
import { enquiry, kind, notice, operation } from '../kind.ts';

/** Letters and digits: it becomes part of a Message-ID. */
const MessageNo = Type.String({
  pattern: '^[0-9A-Za-z][0-9A-Za-z_.-]{0,63}$',
  maxLength: 64,
  examples: ['MSG20261123-000001'],
});
/** No control characters: a line break would begin another header. */
const MailAddress = Type.String({
  pattern: '^[0-9A-Za-z_][0-9A-Za-z._%+-]{0,63}@([0-9A-Za-z]([0-9A-Za-z-]{0,61}[0-9A-Za-z])?\\.)+[A-Za-z]{2,24}$',
  maxLength: 200,
  'x-pii': 'address',
  examples: ['finance@dealer.example'],
});
const Body = Type.String({ minLength: 1, maxLength: 4_000, pattern: '^[^\\u0000]+$' });

/** What is told by text message; the texts are data (`mappings/notify/templates.ts`) and registered with the vendor. */
const Template = Type.Enum([
  'invitation',
  'signRequest',
  'offerResult',
  'marginCall',
  'repaymentDue',
  'goodsReleased',
  'priceWarn',
  'stockAlarm',
  'overdue',
  'listingLifted',
]);

export const SmsMessage = contract(
  'notify/sms-message',
  strict({
    messageNo: MessageNo,
    phone: Phone,
    template: Template,
    /** Exactly the placeholders of the template. */
    params: Type.Array(
      strict({ name: ShortText, value: Type.String({ minLength: 1, maxLength: 32, pattern: '^\\P{Cc}+$' }) }),
      { maxItems: 8 },
    ),
  }),
);

export const MailMessage = contract(
  'notify/mail-message',
  strict({
    messageNo: MessageNo,
    to: MailAddress,
    subject: Type.String({ minLength: 1, maxLength: 120, pattern: '^\\P{Cc}+$' }),
    text: Body,
  }),
);

/** Markdown, in the small part of it that the vendor shows. */
export const GroupMessage = contract('notify/group-message', strict({ messageNo: MessageNo, text: Body }));

/** Taken by the vendor, on its way. */
export const MessageSent = contract(
  'notify/message-sent',
  strict({
    messageNo: MessageNo,
    /** Where the vendor gives one: a group message has none. */
    vendorMessageId: Type.Optional(ShortText),
  }),
);

/** No vendor finds a text message by our number alone. */
export const SmsQuestion = contract(
  'notify/sms-question',
  strict({ messageNo: MessageNo, phone: Phone, sentAt: Instant }),
);

export const SmsDelivery = contract(
  'notify/sms-delivery',
  strict({
    messageNo: MessageNo,
    vendorMessageId: ShortText,
    status: Type.Enum(['delivered', 'failed']),
    /** The operator's words. */
    detail: Type.String({ maxLength: 200 }),
    at: Instant,
  }),
);

export const notify = kind(
  'notify',
  {
    sendSms: operation({
      request: SmsMessage,
      response: MessageSent,
      effect: 'read',
      label: { zh: '发送短信', en: 'send text message' },
    }),
    sendMail: operation({
      request: MailMessage,
      response: MessageSent,
      effect: 'read',
      label: { zh: '发送邮件', en: 'send mail' },
    }),
    postGroup: operation({
      request: GroupMessage,
      response: MessageSent,
      effect: 'read',
      label: { zh: '发送群消息', en: 'post to a group' },
    }),
    /** `pending` as long as the operator has not said: that it is not there says nothing of whether it was sent. */
    readSmsDelivery: operation({
      request: SmsQuestion,
      response: enquiry(SmsDelivery),
      effect: 'read',
      label: { zh: '查询短信送达', en: 'read delivery of a text message' },
    }),
  },
  {
    smsDelivered: notice({
      contract: SmsDelivery,
      label: { zh: '短信送达回执', en: 'text message delivered' },
      keyOf: (m) => m.messageNo,
      idOf: (m) => `${m.messageNo} ${m.vendorMessageId}`,
    }),
  },
);
