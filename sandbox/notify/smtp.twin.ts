/**
 * A company's mail server for submission (RFC 6409): STARTTLS before anything else, one account, and mail from its own domain only.
 * What it takes it delivers; the same message twice is two mails in the box.
 *
 * Magic values, the name left of the @ of whoever gets the mail:
 * - `nobody`: no such mailbox, 550; `full`: 452; `spam`: refused after the message, 554;
 * - `grey`: greylisted, 451 the first time; `late`: 421 after the message, the first time.
 */
import { randomBytes } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { SMTPServer, type SMTPServerDataStream, type SMTPServerSession } from 'smtp-server';
import type { Faults } from '../faults.ts';
import { twin, type Listening, type TwinContext } from '../twin.ts';
import { mailCertificate } from './mailCertificate.ts';

interface Memory {
  /** Recipients that met their magic once. */
  met: Record<string, true>;
  /** Headers of the newest mails, without their text. */
  mails: { to: string; subject: string; messageId: string }[];
  serial: number;
}

const user = 'lianshu@hub.example';
const mailBytesMax = 1_000_000;
const mailsKept = 200;

export const notifySmtp = twin<Memory>({
  name: 'notify-smtp',
  kind: 'notify',
  dialect: 'smtp',
  title: { zh: '邮件（SMTP）', en: 'Mail (SMTP)' },
  settings: { user, from: user, fromName: '链枢平台', authority: 'own' },
  magic: [
    { where: 'recipient 收件人', value: 'nobody@…', effect: '550 no such mailbox 无此邮箱' },
    { where: 'recipient 收件人', value: 'full@…', effect: '452 mailbox full 邮箱已满' },
    { where: 'recipient 收件人', value: 'spam@…', effect: '554 after the message 拒收' },
    { where: 'recipient 收件人', value: 'grey@…', effect: '451 the first time 灰名单' },
    { where: 'recipient 收件人', value: 'late@…', effect: '421 after the message, the first time 稍后' },
  ],
  enrol: () => {
    const { certificate, key } = mailCertificate();
    const password = { 'smtp-password.txt': randomBytes(18).toString('base64url') };
    return {
      hub: { ...password, 'smtp-authority.txt': certificate },
      twin: { ...password, 'mail-certificate.pem': certificate, 'mail-key.pem': key },
    };
  },
  memory: () => ({ met: {}, mails: [], serial: 0 }),
  operationOf: () => undefined,
  handle: () => ({ status: 404, body: 'mail is handed over by SMTP' }),
  acts: {},
  listen,
});

/** A reply with its code. */
class Refusal extends Error {
  readonly responseCode: number;

  constructor(responseCode: number, message: string) {
    super(message);
    this.responseCode = responseCode;
  }
}

async function listen(post: TwinContext<Memory>, port: number, faults: Faults): Promise<Listening> {
  const server = new SMTPServer({
    name: 'mail.hub.example',
    banner: 'sandbox',
    key: post.key('mail-key.pem'),
    cert: post.key('mail-certificate.pem'),
    authMethods: ['PLAIN', 'LOGIN'],
    disableReverseLookup: true,
    size: mailBytesMax,
    logger: false,
    onConnect: (_, done) => {
      const refused = faults.list().some(({ fault }) => fault === 'refuse-connection') && faults.take('sendMail');
      done(refused ? new Refusal(421, 'try later') : null);
    },
    onAuth: ({ username, password }, _, done) =>
      username === user && password === post.key('smtp-password.txt')
        ? done(null, { user: username })
        : done(new Refusal(535, 'authentication failed')),
    onMailFrom: ({ address }, _, done) => done(address === user ? null : new Refusal(553, 'sender not allowed')),
    onRcptTo: ({ address }, _, done) => done(refusalOf(address, post, 'recipient') ?? null),
    onData: (stream, session, done) => void answered(received(stream, session, post, faults), done),
  });
  server.on('error', () => undefined); // A client that went away.
  await new Promise<void>((resolve, reject) => {
    server.server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve());
  });
  return {
    url: `smtp://127.0.0.1:${(server.server.address() as AddressInfo).port}`,
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

function refusalOf(address: string, { memory }: TwinContext<Memory>, at: 'recipient' | 'message'): Refusal | undefined {
  const [name = ''] = address.split('@');
  const once = (): boolean => {
    const key = `${at} ${address}`;
    const first = !Object.hasOwn(memory.met, key);
    memory.met[key] = true;
    return first;
  };
  if (at === 'message') {
    if (name === 'spam') return new Refusal(554, 'message refused by policy');
    return name === 'late' && once() ? new Refusal(421, 'closing, try later') : undefined;
  }
  if (name === 'nobody') return new Refusal(550, 'no such mailbox');
  if (name === 'full') return new Refusal(452, 'mailbox full');
  return name === 'grey' && once() ? new Refusal(451, 'greylisted, try later') : undefined;
}

async function answered(work: Promise<string>, done: (refusal: Refusal | null, words?: string) => void): Promise<void> {
  let words: string;
  try {
    words = await work;
  } catch (thrown) {
    return done(thrown instanceof Refusal ? thrown : new Refusal(451, 'local error'));
  }
  done(null, words);
}

async function received(
  stream: SMTPServerDataStream,
  session: SMTPServerSession,
  post: TwinContext<Memory>,
  faults: Faults,
): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream as AsyncIterable<Buffer>) chunks.push(chunk);
  if (stream.sizeExceeded) throw new Refusal(552, 'too large');
  const fault = faults.take('sendMail')?.fault;
  if (fault === 'timeout-before-effect') await new Promise((resolve) => setTimeout(resolve, hangMs).unref());
  if (fault === 'error-500') throw new Refusal(451, 'local error');
  const to = session.envelope.rcptTo.map(({ address }) => address).join(',');
  const refusal = refusalOf(to, post, 'message');
  if (refusal) throw refusal;
  const words = kept(Buffer.concat(chunks), to, post);
  if (fault === 'timeout-after-effect' || fault === 'reset-after-effect')
    await new Promise((resolve) => setTimeout(resolve, hangMs).unref());
  return words;
}

const hangMs = 120_000;

function kept(mail: Buffer, to: string, post: TwinContext<Memory>): string {
  const { memory } = post;
  const head = mail
    .subarray(0, Math.max(0, mail.indexOf('\r\n\r\n')))
    .toString('latin1')
    .replaceAll(/\r\n[ \t]+/g, ' ');
  const header = (name: string) => new RegExp(`^${name}: (.*)$`, 'im').exec(head)?.[1] ?? '';
  const messageId = header('Message-ID');
  memory.mails = [...memory.mails.slice(1 - mailsKept), { to, subject: header('Subject'), messageId }];
  post.effect('mailed', /^<([^@>]*)@/.exec(messageId)?.[1] ?? messageId, { bytes: mail.length });
  const queue = `Q${String((memory.serial += 1)).padStart(9, '0')}`;
  post.save();
  return `2.0.0 Ok: queued as ${queue}`;
}
