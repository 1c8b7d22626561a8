/**
 * The `smtp` dialect: one mail to one person. The message is composed here, from fields that hold no line breaks, and its
 * Message-ID is made of our number, so that whoever gets it twice keeps one.
 */
import MailComposer from 'nodemailer/lib/mail-composer';
import type { Message } from '../../../contracts/contract.ts';
import { Failure } from '../../../contracts/failures.ts';
import type { notify } from '../../../contracts/notify/notify.ts';
import type { SmtpMail } from '../../../contracts/notify/smtp.wire.ts';
import { smtpMailOf, smtpSentOf } from '../../../mappings/notify/smtp.ts';
import type { Dialect } from '../../adapter.ts';

export const smtpDialect: Dialect<typeof notify> = {
  operations: {
    async sendMail(request, wire) {
      const mail = smtpMailOf(request);
      const { from = '', fromName = '', user = '', authority } = wire.system.settings;
      const reply = await wire.sendMail({
        from,
        to: mail.to,
        message: await composed(mail, { address: from, name: fromName }, wire.now()),
        login: { user, password: wire.keys.secret('smtp-password') },
        authority: authority === 'own' ? wire.keys.secret('smtp-authority') : undefined,
      });
      return smtpSentOf({ id: mail.id, code: reply.code, text: reply.text.slice(0, wordsMax) });
    },
  },
};

const wordsMax = 1_000;

interface Sender {
  readonly address: string;
  readonly name: string;
}

/** Plain text in UTF-8. */
async function composed(mail: Message<typeof SmtpMail>, from: Sender, date: Date): Promise<Buffer> {
  // The contract has refused these already: here it would be another header, or another recipient.
  for (const field of [mail.to, mail.subject, from.address, from.name])
    if (/\p{Cc}/u.test(field)) throw new Failure('CONTRACT_VIOLATED', { detail: 'a line break in a header' });
  const domain = from.address.slice(from.address.lastIndexOf('@') + 1);
  return new MailComposer({
    from,
    to: { address: mail.to, name: '' },
    subject: mail.subject,
    text: mail.text,
    date,
    messageId: `<${mail.id}@${domain}>`,
    encoding: 'base64',
    headers: { 'Auto-Submitted': 'auto-generated' },
    disableFileAccess: true,
    disableUrlAccess: true,
  })
    .compile()
    .build();
}
