/**
 * A warehouse that has only files: it imports what is put into `/out` of its SFTP server, writes a result for each order into
 * `/in`, and the stock of each owner every day and whenever something moved. It tells nothing: what its people count and let out shows in the
 * stock alone.
 *
 * Magic values, the end of an order's number: `9991` the result comes as Excel, with figures as numbers and times as dates;
 * `9992` it is WAITING for an hour; `9993` it is cut off, and whole in the next file an hour later; `9994` it is in GBK, whatever was agreed. And
 * the last three digits of an announced quantity as at the other warehouses: `013`, `021` to `024`; a vehicle that ends in
 * `00000` never comes.
 */
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SftpManner } from '../sftpFolder.ts';
import { sftpKeyPair, startSftp } from '../sftpServer.ts';
import { type Magic, twin, type TwinContext } from '../twin.ts';
import { warehouse } from '../world.ts';
import { carryOut, reasons } from './csvDesk.ts';
import { bytesOf, type Form, linesOf, measured, readOrder, sumOf } from './csvWire.ts';
import { emptyMemory as emptyFloor, lockedOf, type Memory as FloorMemory, Refusal } from './floor.ts';
import { floorMagic } from './floorMagic.ts';
import { peopleWho } from './floorPeople.ts';

interface Memory extends FloorMemory {
  /** By the name of the order file: how many results it has, and what the last one says. */
  readonly imported: Record<string, { results: number; says: Readonly<Record<string, string>> }>;
  /** By owner: files of stock written, and the movement up to which the last one goes. */
  readonly stocks: Record<string, { day: string; count: number; of: string }>;
  /** For which stock was written, moved or not. */
  day: string;
}
type Floor = TwinContext<Memory>;
type Args = Record<string, unknown>;

export const csvUser = 'lianshu';
const hour = 3_600_000;
const lookEveryMs = 25;

const silent = () => Promise.resolve();
const people = peopleWho({ received: silent, controlled: silent, left: silent, counted: silent, changed: silent });

const where = 'end of the number of an order, such as RK-9991 单号末四位';
/** A movement that is told late or twice needs somebody who tells. */
const told: readonly string[] = ['025', '026'];
const magic: readonly Magic[] = [
  { where, value: '9991', effect: 'the result comes as Excel 结果为 Excel' },
  { where, value: '9992', effect: 'is WAITING for an hour 处理中一小时' },
  { where, value: '9993', effect: 'the result is cut off, and whole an hour later 结果文件截断，一小时后补发' },
  { where, value: '9994', effect: 'the result is in GBK, whatever was agreed 结果为 GBK 编码' },
  ...floorMagic.filter(({ value }) => !told.includes(value)),
];

export const wmsCsv = twin<Memory>({
  name: 'wms-csv',
  kind: 'wms',
  dialect: 'csv',
  title: { zh: `${warehouse.name}（CSV 与 Excel 文件）`, en: 'Warehouse by CSV and Excel files' },
  settings: { username: csvUser, encoding: 'utf-8' },
  enrol: () => {
    const [login, host] = [sftpKeyPair(), sftpKeyPair()];
    return {
      hub: { 'sftp-login.txt': login.secret, 'sftp-host.txt': host.open },
      twin: { 'login.txt': login.open, 'host.txt': host.secret },
    };
  },
  magic,
  memory: () => ({ ...emptyFloor(), imported: {}, stocks: {}, day: '' }),
  operationOf: () => undefined,
  handle: () => ({ status: 404, body: 'this warehouse is reached over SFTP' }),
  acts: {
    ...Object.fromEntries(
      Object.entries(people).map(([name, act]) => [
        name,
        async (args: Args, floor: Floor) => {
          await act(args, floor);
          await writeStocks(floor);
        },
      ]),
    ),
    sayAgain: (args, floor) => say(String(args['file']), floor, 'csv'),
    behave,
  },
  async listen(floor, port) {
    for (const side of ['in', 'out']) mkdirSync(join(floor.folder, 'exchange', side), { recursive: true });
    const server = await startSftp({
      root: join(floor.folder, 'exchange'),
      port,
      user: csvUser,
      loginKey: floor.key('login.txt'),
      hostKey: floor.key('host.txt'),
      writable: ['/out'],
      manner: mannerOf(floor.folder),
    });
    // Its import looks into the folder all the time, however the file came there; one after the other.
    let looking = Promise.resolve();
    const look = () => (looking = looking.then(() => importAll(floor)));
    const timer = setInterval(() => void look(), lookEveryMs);
    return {
      url: `sftp://127.0.0.1:${server.port}`,
      async stop() {
        clearInterval(timer);
        await looking;
        await server.stop();
      },
    };
  },
});

const manners = new Map<string, SftpManner>();
function mannerOf(folder: string): SftpManner {
  const manner = manners.get(folder) ?? {};
  manners.set(folder, manner);
  return manner;
}

/** How the server behaves from now on: `cutAtByte`, `cuts`, `delayMs`. */
function behave(args: Args, floor: Floor): void {
  const manner = mannerOf(floor.folder);
  for (const name of Object.keys(manner)) delete manner[name as keyof SftpManner];
  Object.assign(manner, args);
}

async function importAll(floor: Floor): Promise<void> {
  const { imported } = floor.memory;
  const names = readdirSync(join(floor.folder, 'exchange', 'out'));
  for (const name of names.filter((each) => /^(ASN|LOCK|UNLOCK|OUT)_.*\.csv$/.test(each) && !imported[each])) {
    const [, message = '', no = ''] = /^([A-Z]+)_(.*)\.csv$/.exec(name) ?? [];
    imported[name] = { results: 0, says: { of: message, no, ...outcomeOf(name, message, floor) } };
    floor.save();
    await answer(name, no, floor);
    await writeStocks(floor);
  }
  const today = wallTime(floor).slice(0, 10);
  if (floor.memory.day === today) return;
  floor.memory.day = today;
  await writeStocks(floor);
}

function outcomeOf(name: string, message: string, floor: Floor): Record<string, string> {
  try {
    const order = readOrder(readFileSync(join(floor.folder, 'exchange', 'out', name)));
    return { status: 'DONE', warehouseNo: carryOut(message, order, floor), remark: '已完成' };
  } catch (thrown) {
    if (!(thrown instanceof Refusal)) throw thrown;
    return { status: 'REFUSED', reason: reasons[thrown.reason], remark: thrown.message };
  }
}

/** As the number wants it. */
async function answer(name: string, no: string, floor: Floor): Promise<void> {
  const later = () => floor.later('sayAgain', { file: name }, hour);
  if (no.endsWith('9991')) return say(name, floor, 'xlsx');
  if (no.endsWith('9994')) return say(name, floor, 'gbk');
  if (no.endsWith('9992')) {
    await say(name, floor, 'csv', (says) => ({ of: says['of'] ?? '', no, status: 'WAITING', remark: '处理中' }));
    return later();
  }
  if (no.endsWith('9993')) {
    await say(
      name,
      floor,
      'csv',
      (says) => says,
      (bytes) => bytes.subarray(0, bytes.length - 12),
    );
    return later();
  }
  await say(name, floor, 'csv');
}

/** Writes what became of an order into a file of its own. */
async function say(
  name: string,
  floor: Floor,
  form: Form,
  change: (says: Readonly<Record<string, string>>) => Readonly<Record<string, string>> = (says) => says,
  cut: (bytes: Buffer) => Buffer = (bytes) => bytes,
): Promise<void> {
  const known = floor.memory.imported[name];
  if (!known) return;
  known.results += 1;
  const says = change(known.says);
  const head = { message: 'RESULT', version: '1', ...says, at: wallTime(floor) };
  const file = `RESULT_${says['of'] ?? ''}_${says['no'] ?? ''}_${String(known.results).padStart(2, '0')}`;
  write(floor, `${file}.${form === 'xlsx' ? 'xlsx' : 'csv'}`, cut(await bytesOf(linesOf(head, [], [], []), form)));
  floor.save();
}

/** The stock of each owner of whom something moved, or was locked, since the last file. */
async function writeStocks(floor: Floor): Promise<void> {
  const { memory } = floor;
  for (const owner of new Set(memory.lots.map(({ ownerCode }) => ownerCode))) {
    const rows = memory.lots
      .filter(({ ownerCode }) => ownerCode === owner)
      .map(({ lotNo, itemCode, uom, onHand }) => {
        const [there, kept] = [measured(onHand, uom), measured(lockedOf(memory, lotNo), uom)];
        return [lotNo, itemCode, there.figure, kept.figure, there.unit];
      });
    const of = JSON.stringify(rows);
    const day = wallTime(floor).slice(0, 10).replaceAll('-', '');
    const last = memory.stocks[owner];
    if (last?.of === of && last.day === day) continue;
    const count = (last?.day === day ? last.count : 0) + 1;
    memory.stocks[owner] = { day, count, of };
    const head = { message: 'STOCK', version: '1', warehouse: warehouse.code, owner, asOf: wallTime(floor) };
    const lines = linesOf(
      { ...head, sequence: String(memory.sequence) },
      ['lot', 'material', 'onHand', 'locked', 'unit'],
      rows,
      [
        ['onHand', sumOf(rows.map(([, , figure = '']) => figure))],
        ['locked', sumOf(rows.map(([, , , figure = '']) => figure))],
      ],
    );
    const name = `STOCK_${warehouse.code}_${owner}_${day}_${String(count).padStart(4, '0')}.csv`;
    write(floor, name, await bytesOf(lines, 'csv'));
    floor.save();
  }
}

/** Whole or not at all, as far as whoever looks can tell. */
function write(floor: Floor, name: string, bytes: Buffer): void {
  const draft = join(floor.folder, 'exchange', `draft-${name}`);
  writeFileSync(draft, bytes);
  renameSync(draft, join(floor.folder, 'exchange', 'in', name));
}

/** GMT+8. */
function wallTime(floor: Floor): string {
  return new Date(floor.clock.now().getTime() + 8 * hour).toISOString().slice(0, 19).replace('T', ' ');
}
