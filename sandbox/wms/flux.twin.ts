/**
 * The sandbox's warehouse on FLUX (富勒 WMS): the same floor and people as every warehouse here, another system before them.
 */
import { randomBytes } from 'node:crypto';
import { twin, type TwinAnswer, type TwinContext, type TwinRequest } from '../twin.ts';
import { warehouse } from '../world.ts';
import { emptyMemory, type Memory } from './floor.ts';
import { floorMagic } from './floorMagic.ts';
import { peopleWho } from './floorPeople.ts';
import { desk } from './fluxDesk.ts';
import { fluxTeller } from './fluxTeller.ts';
import { answered, headersOf, opened } from './fluxWire.ts';

const settings = {
  appKey: 'lianshu-scf',
  appToken: '4c1d5a0e-lianshu',
  customerId: 'LIANSHU',
  db: 'FLUXWMS',
  path: '/datahub/FluxWmsJsonApi/',
} as const;

export const wmsFlux = twin<Memory>({
  name: 'wms-flux',
  kind: 'wms',
  dialect: 'flux',
  title: { zh: `${warehouse.name} 富勒 WMS`, en: 'Warehouse on FLUX WMS' },
  settings,
  magic: floorMagic,
  enrol() {
    const appSecret = randomBytes(16).toString('hex');
    const callbackSecret = randomBytes(16).toString('hex');
    const files = { 'appSecret.txt': appSecret, 'callbackSecret.txt': callbackSecret };
    return { hub: files, twin: files };
  },
  memory: () => emptyMemory('F'),
  operationOf: (request) =>
    request.path === settings.path
      ? methodOf(new URLSearchParams(request.body.toString()).get('method'))?.operation
      : undefined,
  handle,
  acts: peopleWho(fluxTeller(settings)),
});

function methodOf(name: string | null) {
  return name !== null && Object.hasOwn(desk, name) ? desk[name] : undefined;
}

function handle(request: TwinRequest, floor: TwinContext<Memory>): TwinAnswer {
  if (request.path !== settings.path || request.method !== 'POST') return { status: 404, body: '' };
  const gate = opened(request, settings, floor.key('appSecret.txt').trim());
  if ('code' in gate) return answered({ returnCode: gate.code, returnFlag: '0' });
  const method = methodOf(gate.fields.get('method'));
  if (!method || method.messageid !== gate.fields.get('messageid'))
    return answered({ returnCode: 'S004', returnFlag: '0' });
  const headers = headersOf(gate.fields.get('data') ?? '');
  if (!headers) return answered({ returnCode: 'S005', returnFlag: '0' });
  return method.serve(headers, floor);
}
