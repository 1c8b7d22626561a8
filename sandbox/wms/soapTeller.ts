/**
 * How a warehouse calls in over SOAP, with a client that the hub has no part in (`soap`): it reads the hub's WSDL, writes the
 * envelope and the UsernameToken, and reads the answer. Bytes leave by the twin's own way to the hub.
 */
import { createClientAsync, type IHttpClient, WSSecurity } from 'soap';
import { warehouse } from '../world.ts';
import type { Change, Confirmation, Floor, Lock, LotGoods, Why } from './floor.ts';
import { sha256 } from './floorDesk.ts';
import { receiptElements, type Teller } from './floorPeople.ts';

export function soapTeller(username: string): Teller {
  const say = (operation: string, content: object, floor: Floor) => call(operation, content, floor, username);
  return {
    received: (order, receipt, floor) =>
      say(
        'NotifyInbound',
        {
          noticeNo: order.code,
          receiptNo: receipt.no,
          warehouseCode: warehouse.code,
          final: true,
          receivedAt: local(receipt.at),
          lots: lotsOf(receipt.lots),
        },
        floor,
      ),
    controlled: (lock, confirmation, floor) => say('ConfirmControl', controlOf(lock, confirmation), floor),
    left: (order, departure, floor) =>
      say(
        'NotifyOutbound',
        {
          releaseNo: order.code,
          outboundNo: departure.no,
          outboundAt: local(departure.at),
          lots: lotsOf(order.lots),
          weighTicket: departure.weighTicket,
        },
        floor,
      ),
    counted: (count, floor) =>
      say(
        'ReportStockCount',
        {
          countNo: count.code,
          reportNo: count.no,
          ...placeOf(count.ownerCode),
          countedAt: local(count.at),
          lots: {
            lot: count.lots.map((lot) => {
              const [counted, book] = [measured(lot.qty, lot.uom), measured(lot.book, lot.uom)];
              return {
                ...nameOf(lot),
                counted: counted.figure,
                book: book.figure,
                unit: book.unit,
                ...(lot.qty === lot.book ? {} : { reason: 'counted' }),
              };
            }),
          },
        },
        floor,
      ),
    changed: (change, floor) => say('ReportStockChange', changeOf(change), floor),
  };
}

const reasons: Readonly<Record<Why, string>> = {
  loss: 'shrunk',
  merge: 'lotChanged',
  unit: 'unitChanged',
  move: 'transferred',
};

function changeOf(change: Change): object {
  return {
    changeNo: change.no,
    ...placeOf(change.ownerCode),
    changedAt: local(change.at),
    reason: reasons[change.why],
    sequence: String(change.sequence),
    lots: {
      lot: change.lots.map((lot) => {
        const { figure, unit } = measured(lot.qty, lot.uom);
        return { ...nameOf(lot), change: figure, unit };
      }),
    },
  };
}

function controlOf(lock: Lock, confirmation: Confirmation): object {
  const receipt = receiptElements(lock, confirmation);
  const lots = lotsOf(lock.locked);
  const elements = {
    receiptNo: receipt.receiptNo,
    depositor: receipt.depositor,
    goods: receipt.goods,
    lots,
    quality: receipt.quality,
    packaging: receipt.packaging,
    lossStandard: receipt.lossStandard,
    storagePlace: receipt.storagePlace,
    storageFrom: local(receipt.storageFrom.toISOString()),
    storageTo: local(receipt.storageTo.toISOString()),
    storageFee: receipt.storageFee,
    issuer: receipt.issuer,
    issuedAt: local(receipt.issuedAt.toISOString()),
  };
  return {
    pledgeNo: lock.code,
    supervisor: { name: warehouse.name, uscc: warehouse.uscc },
    confirmedAt: local(confirmation.at),
    lots,
    receipt: { ...elements, sealSha256: sha256(JSON.stringify(elements)) },
  };
}

const placeOf = (ownerCode: string) => ({ warehouseCode: warehouse.code, ownerCode });
const nameOf = ({ lotNo, itemCode }: LotGoods) => ({ lotNo, materialCode: itemCode });
const hour = 3_600_000;
/** As a clock in Xiamen shows it, with its offset. */
const local = (instant: string) => `${new Date(Date.parse(instant) + 8 * hour).toISOString().slice(0, 19)}+08:00`;

function lotsOf(lots: readonly LotGoods[]): object {
  return {
    lot: lots.map((lot) => {
      const { figure, unit } = measured(lot.qty, lot.uom);
      return { ...nameOf(lot), quantity: figure, unit };
    }),
  };
}

const thousands: Readonly<Record<string, string>> = { KGM: 'TNE', GRM: 'KGM', DMQ: 'MTQ' };

/** The floor counts in the unit a thousand times smaller, pieces as they are. */
function measured(qty: number, uom: string): { figure: string; unit: string } {
  const unit = thousands[uom];
  if (unit === undefined) return { figure: String(qty), unit: 'C62' };
  const digits = String(Math.abs(qty)).padStart(4, '0');
  return { figure: `${qty < 0 ? '-' : ''}${digits.slice(0, -3)}.${digits.slice(-3)}`, unit };
}

/** The package keeps the WSDL of each address; a client of its own for each call lets two at once share nothing. */
async function call(operation: string, content: object, floor: Floor, username: string): Promise<void> {
  const httpClient: IHttpClient = {
    request: (url, data: unknown, callback, headers) =>
      handed(data === null ? read(url) : post(floor, url, data as string, { ...headers }), callback),
  };
  const client = await createClientAsync(`${floor.hubUrl}/soap?wsdl`, { httpClient });
  const security = { passwordType: 'PasswordDigest', hasTimeStamp: false, mustUnderstand: true } as const;
  client.setSecurity(new WSSecurity(username, floor.key('wssePassword.txt').trim(), security));
  const methods = client as unknown as Record<string, (args: object) => Promise<[{ result?: string }]>>;
  const [answer] = (await methods[`${operation}Async`]?.(content)) ?? [];
  if (answer?.result !== 'taken') throw new Error(`the hub did not take ${operation}`);
}

interface Heard {
  readonly status: number;
  readonly data: string;
}

async function read(url: string): Promise<Heard> {
  const answer = await fetch(url, { signal: AbortSignal.timeout(10_000) });
  return { status: answer.status, data: await answer.text() };
}

async function post(floor: Floor, url: string, body: string, headers: Record<string, string>): Promise<Heard> {
  const answer = await floor.post({ path: url.slice(floor.hubUrl.length), headers, body });
  return { status: answer.status, data: answer.body.toString() };
}

/** The package takes what it heard by a callback, and makes nothing of the promise. */
async function handed(heard: Promise<Heard>, callback: Parameters<IHttpClient['request']>[2]): Promise<never> {
  const [answer, thrown] = await heard.then(
    (each) => [each] as const,
    (each: unknown) => [undefined, each] as const,
  );
  callback(thrown, answer, answer?.data);
  return answer as never;
}
