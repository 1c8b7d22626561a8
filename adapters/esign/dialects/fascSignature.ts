/** What 法大大 FASC 5 wants signed, of what we send and of what we are told: headers, and the content of the form. */
import { randomBytes } from 'node:crypto';
import { isSigned, signed } from '../../crypto/recipes.ts';

/** Over all parameters that are not blank. Values are signed as they are, and percent-encoded only as they travel. */
export function fascSignature(secret: string, timestamp: string, parameters: Readonly<Record<string, string>>): string {
  return signed('fasc', secret, { timestamp, parameters });
}

export function isToldBy(
  secret: string,
  timestamp: string,
  parameters: Readonly<Record<string, string>>,
  shown: string,
): boolean {
  return isSigned('fasc', secret, { timestamp, parameters }, shown);
}

/** @param own `X-FASC-AccessToken`, or `X-FASC-Grant-Type` where the token is asked for */
export function fascHeaders(
  appId: string,
  secret: string,
  own: Readonly<Record<string, string>>,
  bizContent: string,
): Record<string, string> {
  const timestamp = String(Date.now()); // Real time: the vendor's gate knows no business time.
  const named = {
    'X-FASC-App-Id': appId,
    'X-FASC-Sign-Type': 'HMAC-SHA256',
    'X-FASC-Timestamp': timestamp,
    'X-FASC-Nonce': randomBytes(16).toString('hex'),
    'X-FASC-Api-SubVersion': '5.1',
    ...own,
  };
  const signature = fascSignature(secret, timestamp, { ...named, bizContent });
  return { ...named, 'X-FASC-Sign': signature, 'Content-Type': 'application/x-www-form-urlencoded' };
}
