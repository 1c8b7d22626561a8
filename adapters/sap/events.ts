/** CloudEvents of S/4HANA, structured JSON: one event or a batch. What they carry of the order is its key. */
import type { Static } from 'typebox';
import { Failure } from '../../contracts/failures.ts';
import { parseJson } from '../../contracts/gate/json.ts';
import { SalesOrderEvent } from '../../contracts/sap/s4.documents.wire.ts';
import { idocsPerMessageMax } from '../../contracts/sap/s4.wire.ts';
import { isTree, pick } from './pick.ts';

/** @throws Failure that names the field by JSON Pointer */
export function readEvents(body: Buffer): { path: string; event: Static<typeof SalesOrderEvent> }[] {
  const document = parseJson(body);
  const listed: readonly unknown[] = Array.isArray(document) ? document : [document];
  if (listed.length === 0) refuse('#', 'minItems', 'holds no event');
  if (listed.length > idocsPerMessageMax)
    throw new Failure('BODY_TOO_LARGE', {
      detail: `${listed.length} events in one message, at most ${idocsPerMessageMax}`,
    });
  return listed.map((event, index) => {
    const path = Array.isArray(document) ? `#/${index}` : '#';
    if (!isTree(event)) return refuse(path, 'type', 'is not an object');
    return { path, event: pick(SalesOrderEvent, event) };
  });
}

function refuse(pointer: string, code: string, detail: string): never {
  throw new Failure('CONTRACT_VIOLATED', { detail: `${pointer} ${detail}`, errors: [{ pointer, code, detail }] });
}
