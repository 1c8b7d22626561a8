/** Reads of SAP's OData V2 services: `{d: ...}`, or an error in SAP's own form. */
import { Failure } from '../../contracts/failures.ts';
import { parseJson } from '../../contracts/gate/json.ts';
import type { Wire, WireAnswer } from '../wire.ts';
import { basicOf } from './basicAuth.ts';
import { isTree } from './pick.ts';

/** @param resource below the service: `A_BillingDocument('90000001')` */
export async function readOdata(
  wire: Wire,
  service: string,
  resource: string,
  options: Readonly<Record<string, string>>,
): Promise<Record<string, unknown>> {
  const { settings } = wire.system;
  const parameters = { ...options, $format: 'json', 'sap-client': settings['client'] ?? '100' };
  const query = Object.entries(parameters).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  const answer = await wire.send({
    method: 'GET',
    path: `/sap/opu/odata/sap/${service}/${resource}?${query.join('&')}`,
    headers: {
      accept: 'application/json',
      authorization: basicOf(settings['rfcUser'] ?? '', wire.keys.secret('rfc-password')),
    },
  });
  return documentIn(answer, resource);
}

/** A key of OData: quotes inside are doubled. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

function documentIn(answer: WireAnswer, resource: string): Record<string, unknown> {
  const { status } = answer;
  if (status === 401 || status === 403)
    throw new Failure('SYSTEM_REFUSED', {
      detail: `SAP refused the technical user with HTTP ${status}`,
      externalCode: `HTTP_${status}`,
    });
  if (status === 429) throw new Failure('SYSTEM_BUSY', { detail: 'SAP answered HTTP 429', externalCode: 'HTTP_429' });
  const body = bodyOf(answer);
  const code = errorCodeIn(body);
  if (status === 404 && code !== undefined)
    throw new Failure('NOT_FOUND', { detail: `SAP has no ${resource.slice(0, 100)}`, externalCode: code });
  if (status === 400 && code !== undefined)
    throw new Failure('SYSTEM_REFUSED', { detail: `SAP answered ${code}`, externalCode: code });
  if (status === 404)
    throw new Failure('SYSTEM_REFUSED', {
      detail: 'SAP does not serve it (SICF, /IWFND/MAINT_SERVICE)',
      externalCode: 'HTTP_404',
    });
  const inner = isTree(body) ? body['d'] : undefined;
  if (status !== 200 || !isTree(inner))
    throw new Failure('OUTCOME_UNKNOWN', { detail: `HTTP ${status} without an OData document` });
  return inner;
}

function bodyOf(answer: WireAnswer): unknown {
  try {
    return parseJson(answer.body);
  } catch {
    return undefined; // HTML, half an answer, noise: nothing that SAP said.
  }
}

/** `{"error": {"code": "V1/302", "message": ...}}` */
function errorCodeIn(body: unknown): string | undefined {
  const error = isTree(body) ? body['error'] : undefined;
  const code = isTree(error) ? error['code'] : undefined;
  return typeof code === 'string' ? code.slice(0, 60).replace(/[^\w./-]/g, '?') : undefined;
}
