/**
 * A funder (资金方) that has only a folder on its server of files: data packages come into `/out`, signed and encrypted; it puts a
 * signed receipt for each into `/in` some minutes later, and after one in the night a signed file with the approvals of the day,
 * possibly empty: first half of it, then the whole one and its signature. It never calls anybody.
 */
import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { SftpManner } from '../sftpFolder.ts';
import { sftpKeyPair, startSftp } from '../sftpServer.ts';
import { twin } from '../twin.ts';
import { emptyBooks, fenOf, fileOf, nextNumber, ppmOf, today } from './books.ts';
import { addDays } from './interest.ts';
import { receiptCodeOf, register } from './packageDesk.ts';
import { bytesOf, namedIn, NotTaken, openPackage, type Named, type Opened } from './packageReading.ts';
import {
  institution,
  writeApprovals,
  writeReceipt,
  type Funder,
  type Manner,
  type PackageBooks,
} from './packageReports.ts';
import { rsaPair } from './packageSeal.ts';
import { people } from './people.ts';
import { Refusal } from './refusal.ts';

type Args = Record<string, unknown>;

export const packageUser = 'lianshu';
const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const endings = { damaged: '000.11', count: '000.12', total: '000.13', unreadable: '000.14', late: '000.15' } as const;
const nightEndings = { wrongTrailer: '000.16', oldKey: '000.17' } as const;

export const bankPackage = twin<PackageBooks>({
  name: 'bank-package',
  kind: 'bank',
  dialect: 'package',
  title: { zh: '沙箱资金方（数据包文件）', en: 'Funder by data packages' },
  magic: [
    { where: 'amount of an application 申请金额', value: '…000.01', effect: 'rejected 否决' },
    {
      where: 'amount of an application 申请金额',
      value: '…000.11',
      effect: 'the first package arrives damaged, receipt `11`; the next is taken',
    },
    { where: 'amount of an application 申请金额', value: '…000.12', effect: 'receipt `12`, count 笔数不符' },
    { where: 'amount of an application 申请金额', value: '…000.13', effect: 'receipt `13`, total 总额不符' },
    {
      where: 'amount of an application 申请金额',
      value: '…000.14',
      effect: 'receipt `14` the first time, unreadable; the next package is taken',
    },
    { where: 'amount of an application 申请金额', value: '…000.15', effect: 'taken, its receipt two days late' },
    {
      where: 'amount of an application 申请金额',
      value: '…000.16',
      effect: 'approvals of that day with a wrong trailer, re-issued an hour later',
    },
    {
      where: 'amount of an application 申请金额',
      value: '…000.17',
      effect: 'approvals of that day signed by the key of yesterday, which is still good',
    },
  ],
  settings: { username: packageUser, institution, encoding: 'UTF-8', partBytes: '4000000' },
  enrol: () => {
    const [login, host] = [sftpKeyPair(), sftpKeyPair()];
    const [hub, sign, old, encrypt] = [rsaPair(), rsaPair(), rsaPair(), rsaPair()];
    return {
      hub: {
        'sftp-login.txt': login.secret,
        'sftp-host.txt': host.open,
        'sign.pem': hub.privateKey,
        'mark.txt': randomBytes(32).toString('hex'),
        // The key is being changed: both verify, the newer one signs.
        'funder-sign.pem': old.publicKey,
        'funder-sign@2.pem': sign.publicKey,
        'funder-sign@2.json': JSON.stringify({ purpose: 'verify', notBefore: '2026-01-01T00:00:00Z' }),
        'funder-encrypt.pem': encrypt.publicKey,
      },
      twin: {
        'login.txt': login.open,
        'host.txt': host.secret,
        'hub-sign.pem': hub.publicKey,
        'sign.pem': sign.privateKey,
        'sign-old.pem': old.privateKey,
        'decrypt.pem': encrypt.privateKey,
      },
    };
  },
  memory: () => ({ ...emptyBooks('P'), seen: {}, taken: {}, receipts: {}, approvals: {}, sentBack: {}, nights: {} }),
  operationOf: () => undefined,
  handle: () => ({ status: 404, body: 'this funder is reached over SFTP' }),
  acts: {
    ...people,
    // It tells nobody by itself: what is decided stands in the file of the night.
    notify: () => undefined,
    collect,
    night,
    publish,
    finish: (args, bank) => writeApprovals(bank, String(args['on']), Number(args['next']), manner(args)),
    receipt,
    lend,
    behave,
  },
  async listen(bank, port) {
    for (const side of ['in', 'out']) mkdirSync(join(bank.folder, 'exchange', side), { recursive: true });
    const soon = () => bank.later('collect', {}, 5 * minute);
    if (unread(bank).length > 0) soon();
    const server = await startSftp({
      root: join(bank.folder, 'exchange'),
      port,
      user: packageUser,
      loginKey: bank.key('login.txt'),
      hostKey: bank.key('host.txt'),
      writable: ['/out'],
      manner: mannerOf(bank.folder),
      onPut: (path) => (/\.(jwe|ok)$/.test(path) ? soon() : undefined),
    });
    return { url: `sftp://127.0.0.1:${server.port}`, stop: () => server.stop() };
  },
});

const manners = new Map<string, SftpManner>();
function mannerOf(folder: string): SftpManner {
  const known = manners.get(folder) ?? {};
  manners.set(folder, known);
  return known;
}

/** How the server behaves from now on: `cutAtByte`, `cuts`, `delayMs`. */
function behave(args: Args, bank: Funder): void {
  const known = mannerOf(bank.folder);
  for (const name of Object.keys(known)) delete known[name as keyof SftpManner];
  Object.assign(known, args);
}

/** One clerk at a time, who leaves nothing of what he found for the next. */
const busy = new Map<string, Promise<void>>();
function collect(_args: Args, bank: Funder): Promise<void> {
  const before = busy.get(bank.folder) ?? Promise.resolve();
  const after = before.catch(() => undefined).then(() => collectAll(bank));
  busy.set(bank.folder, after);
  return after;
}

async function collectAll(bank: Funder): Promise<void> {
  for (const named of unread(bank)) {
    bank.memory.seen[named.file] = true;
    await look(bank, named);
    bank.save();
  }
}

function unread({ folder, memory }: Funder): Named[] {
  return namedIn(readdirSync(join(folder, 'exchange', 'out'))).filter(({ file }) => !memory.seen[file]);
}

/** What it answers is a receipt, whatever it finds; under a refused number nothing is registered. */
async function look(bank: Funder, named: Named): Promise<void> {
  const read: { name: string; sha256: string }[] = [];
  let files: string[] = [];
  const tell = (code: string, words?: string, file?: string) =>
    writeReceipt(bank, {
      named,
      code,
      ...(words === undefined ? {} : { words }),
      read,
      files: files.map((name) => ({ name, code: file === undefined || file === name ? code : '00' })),
    });
  try {
    const keys = { decryptPem: bank.key('decrypt.pem'), hubPem: bank.key('hub-sign.pem') };
    const bytes = await bytesOf(join(bank.folder, 'exchange', 'out'), named, keys.hubPem, read);
    const opened = await openPackage(bytes, named, keys);
    files = [...opened.files];
    pretend(opened, named);
    const key = `${named.kind}/${named.no}`;
    if (bank.memory.taken[key] !== undefined) return await tell('15', '重复');
    register(named.kind, opened, bank);
    bank.memory.taken[key] = named.stem;
    planNight(bank);
    if (endsWith(opened, endings.late)) return bank.later('receipt', { stem: named.stem, named, read, files }, 2 * day);
    await tell('00');
  } catch (thrown) {
    if (thrown instanceof NotTaken) return tell(thrown.code, thrown.message, thrown.file);
    if (thrown instanceof Refusal) return tell(receiptCodeOf(thrown), thrown.message);
    throw thrown;
  }
}

const endsWith = ({ record }: Opened, ending: string): boolean => String(record['amount']).endsWith(ending);

/** What goes wrong on the way, for who asked for it by an amount. */
function pretend(opened: Opened, { sequence }: Named): void {
  if (sequence === '01' && endsWith(opened, endings.damaged)) throw new NotTaken('11', '传输损坏', 'credit.json');
  if (sequence === '01' && endsWith(opened, endings.unreadable)) throw new NotTaken('14', '无法解密');
  if (endsWith(opened, endings.count)) throw new NotTaken('12', 'goods.csv 笔数不符', 'goods.csv');
  if (endsWith(opened, endings.total)) throw new NotTaken('13', 'goods.csv 总额不符', 'goods.csv');
}

/** Ten past one in the night after this day. */
function planNight(bank: Funder): void {
  const on = today(bank);
  if (bank.memory.nights[on]) return;
  bank.memory.nights[on] = true;
  const next = addDays(on, 1);
  const at = Date.parse(`${next.slice(0, 4)}-${next.slice(4, 6)}-${next.slice(6)}T01:10:00+08:00`);
  bank.later('night', { on }, Math.max(at - bank.clock.now().getTime(), minute));
}

/** The batch: half a file, and five minutes later the whole one. Another night comes while something is undecided. */
async function night(args: Args, bank: Funder): Promise<void> {
  const on = String(args['on']);
  const next = (bank.memory.approvals[on] ?? 0) + 1;
  const amounts = Object.values(bank.memory.applications).flatMap(({ decision, request }) =>
    decision?.decTime.startsWith(on) ? [request.applAmt] : [],
  );
  const wished = (ending: string) => amounts.some((amount) => amount.endsWith(ending));
  const how = { wrongTrailer: wished(nightEndings.wrongTrailer), oldKey: wished(nightEndings.oldKey) };
  await writeApprovals(bank, on, next, { half: true });
  bank.later('finish', { on, next, ...how }, 5 * minute);
  if (how.wrongTrailer) bank.later('publish', { on }, hour);
  const { applications, repayments, releases, feedbacks } = bank.memory;
  const open =
    Object.values(applications).some(({ decision }) => !decision || decision.decTime.slice(0, 8) > on) ||
    Object.values(repayments).some(({ status, posting }) => status === '09' || (posting?.postTime ?? '') > `${on}9`) ||
    Object.values(releases).some(({ decision }) => !decision || decision.decTime.slice(0, 8) > on) ||
    Object.values(feedbacks).some(({ result }) => !result || result.chkTime.slice(0, 8) > on);
  if (open) planNight(bank);
}

/** The approvals of a day, now. `{ on?, wrongTrailer?, oldKey?, stranger?, half?, encoding? }`; the same day again is re-issued. */
function publish(args: Args, bank: Funder): Promise<void> {
  const on = typeof args['on'] === 'string' ? args['on'] : today(bank);
  return writeApprovals(bank, on, (bank.memory.approvals[on] ?? 0) + 1, manner(args));
}

function manner(args: Args): Manner {
  const { wrongTrailer, oldKey, encoding, half, stranger } = args;
  return { wrongTrailer, oldKey, encoding, half, stranger } as Manner;
}

/** Another receipt about the package that was taken. `{ kind, no, otherBytes? }`: with `otherBytes` about a file that was never sent. */
async function receipt(args: Args, bank: Funder): Promise<void> {
  const { named, read, files } = args as { named?: Named; read?: { name: string; sha256: string }[]; files?: string[] };
  if (named && read && files)
    return writeReceipt(bank, { named, code: '00', read, files: files.map((name) => ({ name, code: '00' })) });
  const stem = bank.memory.taken[`${String(args['kind'])}/${String(args['no'])}`] ?? '';
  const said = bank.memory.receipts[stem]?.said;
  if (!said) throw new Error('there is no receipt yet');
  const other = said.read.map(({ name }) => ({ name, sha256: '0'.repeat(64) }));
  // What it says the next time is what it said before.
  await writeReceipt(bank, { ...said, read: args['otherBytes'] === true ? other : said.read });
  const kept = bank.memory.receipts[stem];
  if (kept) kept.said = said;
}

/** The loan is paid out by another road: from now on there is one. `{ applicationNo, loanNo?, amount? }`. */
function lend(args: Args, bank: Funder): void {
  const applNo = String(args['applicationNo']);
  const offer = fileOf(bank.memory.applications, applNo, '4040').decision?.offer;
  if (!offer) throw new Error(`${applNo} is not approved`);
  const amount = typeof args['amount'] === 'string' ? args['amount'] : offer.amt;
  const startDate = today(bank);
  const loanNo = typeof args['loanNo'] === 'string' ? args['loanNo'] : nextNumber(bank, 'LN');
  bank.memory.loans[loanNo] = {
    loanNo,
    applNo,
    startDate,
    maturity: addDays(startDate, offer.termDays),
    rate: offer.rate,
    ratePpm: String(ppmOf(offer.rate)),
    dayCount: offer.basis,
    balanceFen: String(fenOf(amount)),
    accruedTo: startDate,
    unpaid: { fee: '0', penalty: '0', interest: '0' },
    state: 'active',
  };
  bank.effect('lent', loanNo, { applNo, amt: amount });
}
