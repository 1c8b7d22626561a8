/** How 安心签 is convinced: a detached CMS (PKCS#7, RSA with SHA-256) over exactly the bytes of `data`, in base64. */
import { X509Certificate } from 'node:crypto';
import { Failure } from '../../../contracts/failures.ts';
import { signCms } from '../../crypto/cms.ts';
import type { Keys } from '../../crypto/keys.ts';

/** The newest key signs, with the certificate that was issued for it. */
export async function anxinSignature(keys: Keys, data: string): Promise<string> {
  const key = keys.privateKey('platform');
  const text = keys.secret('platform-certificate', (pem) => certificateIn(pem)?.checkPrivateKey(key) === true);
  const certificate = certificateIn(text);
  if (!certificate?.checkPrivateKey(key))
    throw new Failure('KEY_NOT_ADMITTED', {
      detail: 'platform-certificate is not the certificate of the key platform',
    });
  return (await signCms(Buffer.from(data), key, certificate)).toString('base64');
}

function certificateIn(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined; // What OpenSSL says of it may quote it.
  }
}
