/** The WSDL and its schemas, from the disk, with the address under which this system reaches the hub. */
import { readFileSync } from 'node:fs';
import { Failure } from '../../../contracts/failures.ts';
import type { System } from '../../adapter.ts';

const folder = new URL('../../../contracts/wms/soap/', import.meta.url);
const schemas: readonly string[] = ['wms', 'problem'];
const onDisk = 'https://hub.example/in/wms-soap/soap';

/** `?wsdl`, `?xsd=wms`, `?xsd=problem`; nothing for any other query. */
export function publishedFile(
  query: Readonly<Record<string, string>>,
  system: System,
  host: string,
): string | undefined {
  const [[name, value] = ['', ''], ...others] = Object.entries(query);
  if (others.length > 0) return undefined;
  if (name.toLowerCase() === 'wsdl' && value === '') return wsdl(addressOf(system, host));
  return name === 'xsd' && schemas.includes(value) ? read(`${value}.xsd`) : undefined;
}

function wsdl(address: string): string {
  return read('wms.wsdl')
    .replace(onDisk, address)
    .replaceAll(/schemaLocation="(\w+)\.xsd"/g, `schemaLocation="${address}?xsd=$1"`);
}

/** Behind a proxy that ends TLS the hub does not know its own address: then `publicUrl` says it. */
function addressOf({ id, settings }: System, host: string): string {
  const own = settings['publicUrl'];
  if (own !== undefined) return `${own.replace(/\/$/, '')}/in/${id}/soap`;
  if (!/^[\w.:[\]-]{1,255}$/.test(host)) throw new Failure('HOST_NOT_SERVED');
  return `http://${host}/in/${id}/soap`;
}

function read(name: string): string {
  return readFileSync(new URL(name, folder), 'utf8');
}
