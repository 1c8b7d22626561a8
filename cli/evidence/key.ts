/**
 * The key with which a hub signs its evidence log: `keys/hub/evidence.pem` in its home, made at the first start, the same on
 * all nodes. `evidence.pub` beside it is for the world: it holds every public key that this home ever signed with.
 */
import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { appendFileSync, existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readPublicKey, signerOf, type PublicKey, type Signer } from '../../contracts/evidence/signing.ts';

const publicFileBytesMax = 100_000;

/** For the hub. */
export function openEvidenceSigner(home: string): Signer {
  const folder = join(home, 'keys', 'hub');
  const file = privateFile(home);
  if (!existsSync(file)) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    makeOnce(file);
  }
  const signer = readSigner(file);
  const published = publicFile(home);
  const known = existsSync(published) ? (readPublicKeys(published) ?? []) : [];
  if (!known.some(({ id }) => id === signer.keyId)) appendFileSync(published, signer.publicKey, { mode: 0o644 });
  return signer;
}

/** For a command: never makes a key, which would be nobody's. @throws Error that says where the key should be */
export function knownEvidenceSigner(home: string): Signer {
  const file = privateFile(home);
  if (!existsSync(file))
    throw new Error(
      `没有存证签名密钥 there is no evidence key ${file}: the hub makes it when it starts; nodes share keys/`,
    );
  return readSigner(file);
}

export function publicFile(home: string): string {
  return join(home, 'keys', 'hub', 'evidence.pub');
}

/** One PEM or several. Undefined when the file holds anything else. @throws when it cannot be read */
export function readPublicKeys(file: string): PublicKey[] | undefined {
  const text = readFileSync(file, 'utf8');
  if (text.length > publicFileBytesMax) return undefined;
  const pems = text.split(/(?<=-----END PUBLIC KEY-----)\s*/).filter((pem) => pem.trim() !== '');
  const keys = pems.map((pem) => readPublicKey(pem)).filter((key) => key !== undefined);
  return keys.length > 0 && keys.length === pems.length ? keys : undefined;
}

function privateFile(home: string): string {
  return join(home, 'keys', 'hub', 'evidence.pem');
}

function readSigner(file: string): Signer {
  try {
    return signerOf(createPrivateKey(readFileSync(file, 'utf8')));
  } catch {
    // Whatever the reason is, it may quote the file.
    throw new Error(`${file} 不是 Ed25519 私钥 is not an Ed25519 private key in PEM that can be read`);
  }
}

/** Whole or not at all, and never over one that is there: two that start at once agree on the first. */
function makeOnce(file: string): void {
  const draft = `${file}.${process.pid}.new`;
  const pem = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' });
  writeFileSync(draft, pem, { mode: 0o600 });
  try {
    linkSync(draft, file);
  } catch (thrown) {
    if ((thrown as { code?: string }).code !== 'EEXIST') throw thrown;
  } finally {
    rmSync(draft);
  }
}
