/** How the sandbox's EPCIS warehouse signs and names things: its own code for RFC 9421, RFC 9530 and GS1's identifiers. */
import { createHash, createHmac } from 'node:crypto';
import { materials } from '../world.ts';

export const sgln = 'urn:epc:id:sgln:6901234.00001.0';
const prefix = '6901234';
const gln = '6901234000016';

export function digestOf(body: Buffer | string): string {
  return `sha-256=:${createHash('sha256').update(body).digest('base64')}:`;
}

/** Signature headers over named components, in their order. */
export function signatureOf(
  components: Readonly<Record<string, string>>,
  by: { keyId: string; secret: string; at?: number },
): Record<string, string> {
  const covered = Object.keys(components)
    .map((name) => JSON.stringify(name))
    .join(' ');
  const seconds = Math.floor((by.at ?? Date.now()) / 1000);
  const params = `(${covered});created=${seconds};keyid="${by.keyId}";alg="hmac-sha256"`;
  return { 'signature-input': `sig1=${params}`, signature: `sig1=:${macOf(components, params, by.secret)}:` };
}

/** The MAC over a signature base. */
export function macOf(components: Readonly<Record<string, string>>, params: string, secret: string | Buffer): string {
  let base = '';
  for (const [name, value] of Object.entries(components)) base += `"${name}": ${value}\n`;
  return createHmac('sha256', secret).update(`${base}"@signature-params": ${params}`).digest('base64');
}

export type Event = Record<string, unknown> & { readonly eventID: string; readonly eventTime: string };

/**
 * An event under its own hash. The standard hashes a canonical text of the event (CBV 8.9); this one hashes the event as it
 * is written here: nobody but its author recomputes it.
 */
export function eventOf(fields: Record<string, unknown> & { eventTime: string }): Event {
  const event = { eventTimeZoneOffset: '+08:00', bizLocation: { id: sgln }, ...fields };
  const hash = createHash('sha256').update(JSON.stringify(event)).digest('hex');
  return { eventID: `ni:///sha-256;${hash}?ver=CBV2.0`, ...event };
}

/** Item references of the goods, in the order of the world's list. */
function itemOf(itemCode: string): string {
  return `${prefix}.${String(11 + materials.findIndex(({ code }) => code === itemCode)).padStart(6, '0')}`;
}

export function quantityOf(lot: { itemCode: string; lotNo: string; uom: string }, kilograms: number) {
  const epcClass = `urn:epc:class:lgtin:${itemOf(lot.itemCode)}.${encodeURIComponent(lot.lotNo)}`;
  return lot.uom === 'KGM'
    ? { epcClass, quantity: kilograms, uom: 'KGM' }
    : { epcClass, quantity: kilograms / 1000, uom: 'TNE' };
}

export function transaction(type: string, no: string) {
  return { type, bizTransaction: `urn:epcglobal:cbv:bt:${gln}:${encodeURIComponent(no)}` };
}

export function owning(ownerCode: string): string {
  return `https://ns.lianshu.example/party/${ownerCode}`;
}

export function documentOf(events: readonly Event[], creationDate: string) {
  return {
    '@context': [
      'https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld',
      { lsh: 'https://ns.lianshu.example/epcis/' },
    ],
    type: 'EPCISDocument',
    schemaVersion: '2.0',
    creationDate,
    epcisBody: { eventList: events },
  };
}
