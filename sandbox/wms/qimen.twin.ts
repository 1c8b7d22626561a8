/**
 * The sandbox's warehouse (链枢云仓): lots, locks for pledgees, an outbound gate, and a desk that speaks private Qimen.
 * It is keeper and supervisor at once, as in a tri-party supervision agreement.
 */
import { randomBytes } from 'node:crypto';
import { twin, type TwinAnswer, type TwinContext, type TwinRequest } from '../twin.ts';
import { warehouse } from '../world.ts';
import { emptyMemory, type Memory, Refusal } from './floor.ts';
import { floorMagic } from './floorMagic.ts';
import { peopleWho } from './floorPeople.ts';
import { codes, desk } from './qimenDesk.ts';
import { qimenTeller } from './qimenTeller.ts';
import { answered, readXml, rejected, rejection } from './qimenWire.ts';

const settings = { appKey: 'lianshu-scf', customerId: 'c-xm01', path: '/qimen' } as const;

export const wmsQimen = twin<Memory>({
  name: 'wms-qimen',
  kind: 'wms',
  dialect: 'qimen',
  title: { zh: `${warehouse.name} 奇门仓储`, en: 'Warehouse on private Qimen' },
  settings,
  magic: floorMagic,
  enrol() {
    const appSecret = randomBytes(16).toString('hex');
    const callbackSecret = randomBytes(16).toString('hex');
    const files = { 'appSecret.txt': appSecret, 'callbackSecret.txt': callbackSecret };
    return { hub: files, twin: files };
  },
  memory: () => emptyMemory(),
  operationOf: (request) => (request.path === settings.path ? orderOf(request)?.operation : undefined),
  handle,
  acts: peopleWho(qimenTeller(settings)),
});

function orderOf(request: TwinRequest) {
  const method = request.query['method'] ?? '';
  return Object.hasOwn(desk, method) ? desk[method] : undefined;
}

function handle(request: TwinRequest, context: TwinContext<Memory>): TwinAnswer {
  if (request.path !== settings.path || request.method !== 'POST') return { status: 404, body: '' };
  const wrong = rejection(request, { ...settings, secret: context.key('appSecret.txt').trim() });
  if (wrong) return rejected(wrong);
  const order = orderOf(request);
  if (!order) return rejected({ code: 22, msg: 'Invalid method', sub: 'isv.invalid-method' });
  const content = readXml(request.body, 'request');
  if (!content) return answered('failure', 'S001', '报文不是合法的 XML');
  try {
    const { inside, repeated } = order.serve(content, context);
    return repeated === true
      ? answered('failure', 'S003', '单据已存在', inside)
      : answered('success', '0', '成功', inside);
  } catch (thrown) {
    if (thrown instanceof Refusal) return answered('failure', codes[thrown.reason], thrown.message);
    throw thrown;
  }
}
