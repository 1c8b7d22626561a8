/** Mail to and from SMTP: what a message is made of, and what the reply that ended the dialogue permits to conclude. */
import { Failure, type FailureCode } from '../../contracts/failures.ts';
import { mapping } from '../../contracts/mapping.ts';
import { MailMessage, MessageSent } from '../../contracts/notify/notify.ts';
import { SmtpMail, SmtpReplied } from '../../contracts/notify/smtp.wire.ts';
import { codeTable } from '../codes/codeTable.ts';
import { withoutNumbersOfPeople } from './templates.ts';

/** 4yz is "not now" (greylisting among it), 5yz is "no": in both the message was not taken. */
export const smtpReplies = codeTable('notify.smtp.reply', 'RFC 5321 section 4.2.3, RFC 4954 section 6, RFC 3463', {
  250: 'sent',
  421: 'SYSTEM_BUSY',
  432: 'SYSTEM_REFUSED', // The password must be changed.
  450: 'SYSTEM_BUSY',
  451: 'SYSTEM_BUSY',
  452: 'SYSTEM_BUSY',
  454: 'SYSTEM_BUSY', // Authentication is not to be had now.
  455: 'SYSTEM_BUSY',
  500: 'SYSTEM_REFUSED',
  501: 'SYSTEM_REFUSED',
  502: 'SYSTEM_REFUSED',
  503: 'SYSTEM_REFUSED',
  504: 'SYSTEM_REFUSED',
  521: 'SYSTEM_REFUSED',
  530: 'SYSTEM_REFUSED',
  534: 'SYSTEM_REFUSED',
  535: 'SYSTEM_REFUSED', // User or password.
  538: 'SYSTEM_REFUSED',
  550: 'SYSTEM_REFUSED', // No such mailbox.
  551: 'SYSTEM_REFUSED',
  552: 'SYSTEM_REFUSED',
  553: 'SYSTEM_REFUSED',
  554: 'SYSTEM_REFUSED',
  555: 'SYSTEM_REFUSED',
  556: 'SYSTEM_REFUSED',
} satisfies Record<string, FailureCode | 'sent'>);

export const smtpMailOf = mapping('notify.smtp.mail', MailMessage, SmtpMail, ({ messageNo, to, subject, text }) => ({
  id: messageNo,
  to,
  subject: withoutNumbersOfPeople(subject, '#/subject'),
  text: withoutNumbersOfPeople(text, '#/text'),
}));

/** @throws Failure as `smtpReplies` says; EXT_CODE_UNMAPPED (unknown) for any other code */
export const smtpSentOf = mapping('notify.smtp.sent', SmtpReplied, MessageSent, ({ id, code, text }) => {
  const found = smtpReplies.find(code) ?? 'EXT_CODE_UNMAPPED';
  const words = text
    .slice(0, shownChars)
    .replaceAll(/\p{Cc}/gu, ' ')
    .trim();
  if (found !== 'sent') throw new Failure(found, { detail: `${code} ${words}`, externalCode: code });
  // Most servers name the place in their queue; there is no rule where in the words.
  const queue = /(?:queued as|queue id|id=|as)\s*<?([\w./+-]{3,64})/i.exec(words)?.[1];
  return { messageNo: id, ...(queue === undefined ? {} : { vendorMessageId: queue }) };
});

const shownChars = 200;
