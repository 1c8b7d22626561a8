/** A warehouse by files: an order is put there, and what it says is read. Nothing is signed but the connection. */
import { csvDialect } from '../../../adapters/wms/dialects/csv.ts';
import type { Wire } from '../../../adapters/wire.ts';
import { failures, type FailureCode } from '../../../contracts/failures.ts';
import { wms } from '../../../contracts/wms/wms.ts';
import { csvUser, wmsCsv } from '../../../sandbox/wms/csv.twin.ts';
import { dealers } from '../../../sandbox/world.ts';
import type { Ground } from '../ground.ts';
import { changed, failureIsNotFound, unknownIsRefused } from '../plants.ts';
import { type Answer, subject as subjectOf } from '../subject.ts';
import { enquiryIs, tells } from '../telling.ts';
import { floorOperations } from './wms-floor.case.ts';

/** The stock of two owners lies in two files. */
const stockOfTwo = async (ground: Ground) => {
  const places = dealers.slice(0, 2).map(({ uscc: ownerCode }) => ({ warehouseCode: 'XM01', ownerCode }));
  for (const [index, place] of places.entries()) {
    const noticeNo = `RKTZ-STOCK-${index}`;
    const line = { lineNo: '1', materialCode: 'HRB400E-12', name: '螺纹钢', quantity: '1200.500', unit: 'TNE' };
    await ground.confirmed('announceInbound', { noticeNo, ...place, orderNo: 'PO-1', lines: [line] });
    await ground.act('receive', { noticeNo });
  }
  return (turn: number) => places[turn % 2] ?? {};
};

/** Every line of the head with this name says this. */
const field = (name: string) => (code: string, genuine: Answer) => ({
  ...genuine,
  body: Buffer.from(
    genuine.body.toString().replaceAll(new RegExp(`HDR,${name},[^\\r\\n]*`, 'g'), () => `HDR,${name},${code}`),
  ),
});

const unitsOf: Readonly<Record<string, string>> = { 吨: 'TNE', 千克: 'KGM', 立方米: 'MTQ', 件: 'C62' };

export const subject = subjectOf({
  kind: wms,
  vendor: 'csv',
  dialect: csvDialect,
  twin: wmsCsv,
  files: { user: csvUser, root: 'exchange', orders: '/out', answers: '/in', documents: 'csv' },
  operations: {
    ...floorOperations,
    readStock: { ready: stockOfTwo },
    readLots: { ready: stockOfTwo },
  },
  notices: {},
  tables: {
    'wms.csv.status': {
      by: 'answer',
      operation: 'queryLock',
      give: (code, genuine) => {
        const said = field('status')(code, genuine);
        const reason = code === 'REFUSED' ? 'HDR,reason,E04\r\n' : '';
        return { ...said, body: Buffer.from(said.body.toString().replace('HDR,at,', `${reason}HDR,at,`)) };
      },
      wrong: enquiryIs,
      unmapped: 'MAYBE',
    },
    'wms.csv.reason': {
      by: 'answer',
      operation: 'queryLock',
      give: (code, genuine) => {
        const said = field('status')('REFUSED', genuine);
        const text = said.body.toString().replace('HDR,at,', `HDR,reason,${code}\r\nHDR,at,`);
        return { ...said, body: Buffer.from(text) };
      },
      wrong: (outcome, row) =>
        Object.hasOwn(failures, row as FailureCode)
          ? (enquiryIs(outcome, 'refused') ?? tells('code')(outcome, row))
          : 'is no failure',
      unmapped: 'E99',
    },
    'wms.csv.unit': {
      by: 'answer',
      operation: 'readLots',
      give: (code, genuine) => ({
        ...genuine,
        body: Buffer.from(
          genuine.body
            .toString()
            .replaceAll(/^(ROW,.*),[^,\r\n]+(?=\r)/gm, (_all, row: string) => `${row.replace('.500', '.000')},${code}`)
            .replace('.500', '.000'),
        ),
      }),
      wrong: (outcome, row, code) => tells('lots.0.unit', () => unitsOf[code])(outcome, row),
      unmapped: '磅',
    },
  },
  limits: [],
  bugs: {
    'lies-there-is-done': {
      what: 'takes an order that lies there for an order that was carried out',
      plant: (dialect) =>
        changed(dialect, {
          act: (own, operation) => async (request, wire) => {
            try {
              return await own(request, wire);
            } catch (thrown) {
              if (operation !== 'queryLock' && operation !== 'queryInbound') throw thrown;
              const { no } = request as { no: string };
              const key = operation === 'queryLock' ? 'lockNo' : 'warehouseNo';
              return { outcome: 'confirmed', response: { [key]: no } };
            }
          },
        }),
    },
    'another-file-is-the-same': {
      what: 'takes whatever lies there under the name for its own',
      plant: (dialect) =>
        changed(dialect, {
          wire: (wire: Wire) => ({
            ...wire,
            get system() {
              return wire.system;
            },
            files: (use) =>
              wire.files((files) =>
                use({
                  ...files,
                  put: (folder, name, bytes, how) => files.put(folder, name, bytes, { ...how, same: () => true }),
                }),
              ),
          }),
        }),
    },
    'trusts-the-trailer': {
      what: 'reads a file whose end is missing',
      plant: (dialect) =>
        changed(dialect, {
          wire: (wire: Wire) => ({
            ...wire,
            get system() {
              return wire.system;
            },
            files: (use) =>
              wire.files((files) =>
                use({
                  ...files,
                  get: async (folder, name) => {
                    const bytes = await files.get(folder, name);
                    const text = bytes.toString();
                    return text.includes('TRL,rows') || !text.includes('COL')
                      ? bytes
                      : Buffer.from(`${text.trimEnd()}\r\nTRL,rows,0\r\n`);
                  },
                }),
              ),
          }),
        }),
    },
    'unknown-is-refused': unknownIsRefused,
    'failure-is-not-found': failureIsNotFound,
  },
});
