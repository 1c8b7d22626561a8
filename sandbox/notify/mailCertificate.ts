/** A certificate that a mail server of the sandbox made itself: for 127.0.0.1, good for decades. Written by hand, without tools. */
import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { der, generalizedTime, integer, sequence } from '../evidence/tsaPaper.ts';

const yearMs = 365 * 86_400_000;
const id = (hex: string) => der(0x06, Buffer.from(hex, 'hex'));
const timeOf = (ms: number) => der(0x18, Buffer.from(generalizedTime(ms - (ms % 1_000))));

/** PEM; whoever knows the server keeps the certificate as its authority. */
export function mailCertificate(nowMs = Date.now()): { certificate: string; key: string } {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const algorithm = sequence(id('2a8648ce3d040302'));
  const name = sequence(
    der(0x31, sequence(id('550403'), der(0x0c, Buffer.from(`Sandbox mail ${randomBytes(4).toString('hex')}`)))),
  );
  const hosts = sequence(der(0x82, Buffer.from('localhost')), der(0x87, Buffer.of(127, 0, 0, 1)));
  const body = sequence(
    der(0xa0, der(0x02, Buffer.of(2))),
    integer(randomBytes(12)),
    algorithm,
    name,
    sequence(timeOf(nowMs - yearMs), timeOf(nowMs + 40 * yearMs)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(sequence(id('551d11'), der(0x04, hosts)))),
  );
  const whole = sequence(body, algorithm, der(0x03, Buffer.of(0), sign('sha256', body, privateKey)));
  const text = whole.toString('base64').replaceAll(/.{64}/g, '$&\n').trimEnd();
  return {
    certificate: `-----BEGIN CERTIFICATE-----\n${text}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}
