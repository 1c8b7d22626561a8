/** Mail over SMTP: TLS or nothing, and what the reply to the end of the message says. */
import nodemailer from 'nodemailer';
import { smtpDialect } from '../../../adapters/notify/dialects/smtp.ts';
import { exchangeSmtp, type SmtpMessage, type SmtpReply } from '../../../adapters/smtp.ts';
import type { Wire } from '../../../adapters/wire.ts';
import { notify } from '../../../contracts/notify/notify.ts';
import { isFailure } from '../../../contracts/failures.ts';
import { notifySmtp } from '../../../sandbox/notify/smtp.twin.ts';
import { changed, unknownIsRefused } from '../plants.ts';
import { smtpCertificates } from '../smtpProxy.ts';
import { type Answer, subject as subjectOf } from '../subject.ts';
import { sixDigits } from '../telling.ts';

const message = (turn: number) => ({
  messageNo: sixDigits('MAIL', turn),
  to: `finance${turn}@dealer.example`,
  subject: '融资 LN-2026-0001 还款提醒',
  text: '融资 LN-2026-0001 将于 2026-12-23 到期，应还 800000.00 元，请按时还款。\n.\n（系统自动发送，请勿回复。）',
});

/** The hub trusts the authority of the suite's own servers too: only then a wrong certificate is wrong for what it says. */
const twin = {
  ...notifySmtp,
  enrol: () => {
    const { hub, twin: own } = notifySmtp.enrol();
    const authority = `${hub['smtp-authority.txt'] ?? ''}${smtpCertificates().authority}`;
    return { hub: { ...hub, 'smtp-authority.txt': authority }, twin: own };
  },
};

/** Another way to hand mail over. */
const handing =
  (send: (mail: SmtpMessage, wire: Wire) => Promise<SmtpReply>) =>
  (wire: Wire): Wire => ({
    ...wire,
    get system() {
      return wire.system;
    },
    sendMail: (mail) => send(mail, wire),
  });

/** Tries again without the care that was taken before. */
const carelessly = (options: (mail: SmtpMessage) => object) =>
  handing(async (mail, wire) => {
    try {
      return await wire.sendMail(mail);
    } catch (thrown) {
      if (!isFailure(thrown) || thrown.type !== 'SYSTEM_UNREACHABLE') throw thrown;
      const { hostname: host, port } = new URL(wire.system.url);
      const { user, password: pass } = mail.login;
      const patience = { connectionTimeout: 500, greetingTimeout: 500, socketTimeout: 1_000 };
      const server = { host, port: Number(port), auth: { user, pass }, ...patience, ...options(mail) };
      const letter = { envelope: { from: mail.from, to: mail.to }, raw: mail.message };
      const sent = await nodemailer
        .createTransport(server)
        .sendMail(letter)
        .catch(() => undefined);
      if (!sent) throw thrown;
      return { code: sent.response.slice(0, 3), text: sent.response.slice(4) };
    }
  });

export const subject = subjectOf({
  kind: notify,
  vendor: 'smtp',
  dialect: smtpDialect,
  twin,
  smtp: { user: notifySmtp.settings['user'] ?? '' },
  operations: { sendMail: { ready: async () => message, volatile: ['vendorMessageId'] } },
  notices: {},
  tables: {
    'notify.smtp.reply': {
      by: 'answer',
      operation: 'sendMail',
      give: (code: string, genuine: Answer): Answer => ({ ...genuine, body: Buffer.from(`${code} as said`) }),
      wrong: (outcome, row) => {
        const found = outcome.outcome === 'confirmed' ? 'sent' : outcome.code;
        return found === row ? undefined : `is ${found} and not ${String(row)}`;
      },
      unmapped: '599',
    },
  },
  limits: [],
  bugs: {
    'speaks-in-the-clear': {
      what: 'goes on without TLS when the server offers none',
      plant: (dialect) =>
        changed(dialect, {
          wire: carelessly((mail) => ({ tls: { ca: mail.authority } })),
        }),
    },
    'believes-any-certificate': {
      what: 'does not look at the certificate',
      plant: (dialect) =>
        changed(dialect, {
          wire: carelessly(() => ({ requireTLS: true, tls: { rejectUnauthorized: false } })),
        }),
    },
    'handed-over-is-sent': {
      what: 'does not wait for the reply to the message',
      plant: (dialect) =>
        changed(dialect, {
          wire: handing(async (mail, wire) => {
            try {
              return await wire.sendMail(mail);
            } catch (thrown) {
              if (isFailure(thrown) && thrown.type === 'OUTCOME_UNKNOWN') return { code: '250', text: 'surely' };
              throw thrown;
            }
          }),
        }),
    },
    'forgets-deadline': {
      what: 'forgets the deadline',
      plant: (dialect) =>
        changed(dialect, {
          wire: handing((mail, { system }) =>
            exchangeSmtp({ ...mail, url: system.url, timeoutMs: 3_600_000, allowPrivate: true }),
          ),
        }),
    },
    'unknown-is-refused': unknownIsRefused,
  },
});
