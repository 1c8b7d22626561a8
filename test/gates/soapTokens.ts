/** Tokens for attacks on the SOAP service: made when a message is sent, good ones and spoiled ones. */
import { token } from '../../adapters/wms/soap.fixture.ts';

/** Where a token goes when it is sent, anew for each time: a nonce is good once. No XML looks like these. */
export const tokenPlace = '<!TOKEN>';
const username = 'warehouse-xm01';
const anHourMs = 3_600_000;

/** As it is sent. */
export function withToken(body: Buffer, password: string): Buffer {
  const text = body.toString('latin1');
  const made = text.replaceAll(
    /<!TOKEN( \w+)?>(?:<!CHANGE (.*?)=>(.*?)!>)?/gs,
    (_all, kind: string, from?: string, to = '') => {
      const good = tokenOf(kind?.trim(), password);
      return from === undefined ? good : good.replace(new RegExp(from, 's'), to);
    },
  );
  return Buffer.from(made, 'latin1');
}

function tokenOf(kind: string | undefined, password: string): string {
  const later = (ms: number) => ({ at: new Date(Date.now() + ms) });
  switch (kind) {
    case 'old':
      return token(username, password, later(-anHourMs));
    case 'early':
      return token(username, password, later(anHourMs));
    case 'stranger':
      return token('somebody', password);
    case 'otherKey':
      return token(username, `${password}0`);
    default:
      return token(username, password);
  }
}
