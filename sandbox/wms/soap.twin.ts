/**
 * A warehouse that only calls in: nobody reaches its system, and it tells what it did over the hub's own SOAP service. What it
 * shall do comes another road and is typed in by its clerk (`announce`, `lock`, `unlock`, `order`); the floor and its people are those of
 * the other warehouses.
 *
 * Magic values (the last three digits of the announced kilograms): `013` arrives two per cent short; `021` a stock count
 * finds less a day later; `022` its lot becomes another one a day later; `023` it is measured in the next smaller unit a day
 * later; `024` is counted 30 hours after the notice; `025` two losses told in the wrong order; `026` one loss told twice. A
 * vehicle that ends in `00000` never comes.
 */
import { randomBytes } from 'node:crypto';
import { twin } from '../twin.ts';
import { companies, dealers, materials, warehouse } from '../world.ts';
import { emptyMemory, type Floor, type Lot, type Memory } from './floor.ts';
import { announce, lock, orderOut, sha256, unlock } from './floorDesk.ts';
import { floorMagic } from './floorMagic.ts';
import { peopleWho } from './floorPeople.ts';
import { soapTeller } from './soapTeller.ts';

type Args = Record<string, unknown>;

const settings = { username: 'warehouse-xm01' } as const;
const people = peopleWho(soapTeller(settings.username));
const day = 86_400_000;

export const wmsSoap = twin<Memory>({
  name: 'wms-soap',
  kind: 'wms',
  dialect: 'soap',
  title: { zh: `${warehouse.name}（SOAP 主动上报）`, en: 'Warehouse that calls in over SOAP' },
  settings,
  enrol() {
    const files = { 'wssePassword.txt': randomBytes(24).toString('hex') };
    return { hub: files, twin: files };
  },
  magic: floorMagic,
  memory: emptyMemory,
  operationOf: () => undefined,
  handle: () => ({ status: 404, body: 'this warehouse takes no calls' }),
  acts: {
    ...people,
    announce: (args, floor) => void announce(floor, { ...placeOf(args), ...announced(args) }),
    lock: (args, floor) => {
      const { pledgee, goods } = { pledgee: companies[0] ?? warehouse, goods: goodsOf(args, floor) };
      const { name, uscc } = pledgee;
      lock(floor, { ...placeOf(args), code: text(args, 'pledgeNo'), pledgee: { name, uscc }, lots: [goods] });
    },
    unlock: (args, floor) => {
      const code = text(args, 'pledgeNo');
      const held = floor.memory.locks.find((each) => each.code === code)?.locked ?? [];
      unlock(floor, { code, ownerCode: placeOf(args).ownerCode, reason: '已结清', lots: held });
    },
    order: (args, floor) =>
      void orderOut(floor, {
        ...placeOf(args),
        code: text(args, 'releaseNo'),
        pledgeNo: text(args, 'pledgeNo'),
        tokenSha256: args['token'] === undefined ? '' : sha256(text(args, 'token')),
        picker: { name: '刘大勇', id: '350600199509090090', carNo: text(args, 'vehicle', '闽A12345') },
        validTo: text(args, 'validTo', new Date(floor.clock.now().getTime() + 7 * day).toISOString()),
        lots: [goodsOf(args, floor)],
      }),
    // Who names no lot means the first that is there.
    moveStock: (args, floor) => people['moveStock']?.({ lotNo: someLot(args, floor).lotNo, ...args }, floor),
    takeStock: (args, floor) => people['takeStock']?.({ lotNo: someLot(args, floor).lotNo, ...args }, floor),
  },
});

function announced(args: Args) {
  const itemCode = text(args, 'itemCode', 'HRB400E-12');
  const itemName = materials.find(({ code }) => code === itemCode)?.name ?? itemCode;
  const line = { lineNo: '1', itemCode, itemName, uom: 'KGM', qty: kilogramsOf(args, 10_000) };
  return { code: text(args, 'noticeNo'), lines: [line] };
}

function placeOf(args: Args) {
  return { warehouseCode: warehouse.code, ownerCode: text(args, 'ownerCode', dealers[0]?.uscc ?? '') };
}

function goodsOf(args: Args, floor: Floor) {
  const { lotNo, itemCode, uom } = someLot(args, floor);
  return { lotNo, itemCode, uom, qty: kilogramsOf(args, 1_000) };
}

function someLot(args: Args, { memory }: Floor): Lot {
  const lot = memory.lots.find(({ lotNo, onHand }) =>
    args['lotNo'] === undefined ? onHand > 0 : lotNo === args['lotNo'],
  );
  if (!lot) throw new Error('there is no such lot');
  return lot;
}

function kilogramsOf(args: Args, otherwise: number): number {
  const given = args['kilograms'] ?? otherwise;
  if (typeof given !== 'number' || !Number.isSafeInteger(given) || given <= 0)
    throw new Error('kilograms are a whole number');
  return given;
}

function text(args: Args, name: string, otherwise = ''): string {
  const value = args[name];
  return typeof value === 'string' ? value : otherwise;
}
