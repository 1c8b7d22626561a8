/** OData JSON to plain orders: `{d: {...}}`, `{d: {results: []}}`, the same without `d`, or a bare list. */
import type { Static } from 'typebox';
import { Failure } from '../../contracts/failures.ts';
import { parseJson } from '../../contracts/gate/json.ts';
import { idocsPerMessageMax, SalesOrderEntity } from '../../contracts/sap/s4.wire.ts';
import { isTree, pick } from './pick.ts';

export interface OrderAt {
  readonly path: string;
  readonly order: Static<typeof SalesOrderEntity>;
}

/** @throws Failure that names the field by JSON Pointer */
export function readSalesOrders(body: Buffer): OrderAt[] {
  const document = parseJson(body);
  const wrapped = isTree(document) && 'd' in document;
  const inner = wrapped ? document['d'] : document;
  const path = wrapped ? '#/d' : '#';
  const listed = isTree(inner) && Array.isArray(inner['results']) ? inner['results'] : inner;
  const listPath = listed === inner ? path : `${path}/results`;
  const orders = Array.isArray(listed)
    ? listed.map((order: unknown, index) => ({ order, at: `${listPath}/${index}` }))
    : [{ order: listed, at: path }];
  if (orders.length === 0) refuse(listPath, 'minItems', 'holds no order');
  if (orders.length > idocsPerMessageMax) {
    throw new Failure('BODY_TOO_LARGE', {
      detail: `${orders.length} orders in one message, at most ${idocsPerMessageMax}`,
    });
  }
  return orders.map(({ order, at }) => {
    if (!isTree(order)) refuse(at, 'type', 'is not an object');
    const items = order['to_Item'];
    if (isTree(items) && '__deferred' in items)
      refuse(`${at}/to_Item`, 'deferred', 'is only a link: send the order with $expand=to_Item');
    return { path: at, order: pick(SalesOrderEntity, order) };
  });
}

function refuse(pointer: string, code: string, detail: string): never {
  throw new Failure('CONTRACT_VIOLATED', { detail: `${pointer} ${detail}`, errors: [{ pointer, code, detail }] });
}
