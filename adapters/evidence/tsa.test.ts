/** Time-stamps against OpenSSL as the authority, and against pkijs as a second reader. */
import { execFileSync } from 'node:child_process';
import { createHash, randomBytes, type X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { TimeStampReq } from 'pkijs';
import { needingOpenssl } from '../../test/programs.ts';
import type { Wire, WireRequest } from '../wire.ts';
import { tsaDialect } from './dialects/tsa.ts';
import { integer, numberIn, oid, oidIn, partIn } from './dialects/tsaDer.ts';
import { readAnswer, verifyToken } from './dialects/tsaToken.ts';

const request = { anchorNo: 'EV-1', headSha256: createHash('sha256').update('head').digest('hex') };
const { describe: withOpenssl } = needingOpenssl();

withOpenssl('with openssl ts as the authority', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'lianshu-tsa-'));
    authority('tsa');
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('our request is answered, and our reading of the token is that of OpenSSL', async () => {
    const stamped = await stampBy('tsa', {});
    expect(stamped).toMatchObject({ anchorNo: 'EV-1', policy: '1.2.3.4.1', accuracyMs: 1_501 });
    const token = Buffer.from((stamped as { token: string }).token, 'base64');
    writeFileSync(join(folder, 'token.der'), token);
    const verify = [
      'ts',
      '-verify',
      '-digest',
      request.headSha256,
      '-in',
      'token.der',
      '-token_in',
      '-CAfile',
      'ca.pem',
    ];
    expect(openssl(...verify)).toMatch(/OK/);
    expect(openssl('ts', '-reply', '-in', 'token.der', '-token_in', '-token_out', '-text')).toContain(
      `Serial number: 0x${BigInt((stamped as { serialNo: string }).serialNo)
        .toString(16)
        .toUpperCase()
        .padStart(2, '0')}`,
    );
  });

  test('an intermediate authority that comes with the token leads to the root', async () => {
    authority('deep', 'middle');
    expect(await stampBy('deep', { chain: true })).toMatchObject({ anchorNo: 'EV-1' });
    await expect(stampBy('deep', {})).rejects.toMatchObject({ type: 'ANSWER_UNVERIFIED' });
  });

  test.each([
    ['a signer that is named by SHA-1 alone', 'tsa', { ess: 'sha1' }, 'ANSWER_UNVERIFIED'],
    ['another root', 'tsa', { root: 'other' }, 'ANSWER_UNVERIFIED'],
    ['a root that is not there', 'tsa', { root: 'empty' }, 'ANSWER_UNVERIFIED'],
    ['a policy that the authority does not have', 'tsa', { policy: '1.2.3.4.9' }, 'SYSTEM_REFUSED'],
  ])('with %s there is no stamp', async (_, name, how, type) => {
    writeFileSync(join(folder, 'empty.pem'), '');
    await expect(stampBy(name, how)).rejects.toMatchObject({ type });
  });

  /** Roots once, and a stamping certificate by the first of them or by an authority in between. */
  function authority(name: string, above = 'ca'): void {
    const key = 'rsa:2048';
    const root = (file: string) =>
      openssl('req', '-x509', '-newkey', key, '-nodes', '-keyout', `${file}.key`, '-out', `${file}.pem`, '-days', '2',
        '-subj', `/CN=${file} ${randomBytes(4).toString('hex')}`, '-addext', 'keyUsage=critical,keyCertSign'); // prettier-ignore
    const issue = (file: string, by: string, extensions: string) => {
      openssl('req', '-newkey', key, '-nodes', '-keyout', `${file}.key`, '-out', `${file}.csr`, '-subj', `/CN=${file}`);
      writeFileSync(join(folder, `${file}.ext`), extensions);
      openssl('x509', '-req', '-in', `${file}.csr`, '-CA', `${by}.pem`, '-CAkey', `${by}.key`, '-days', '1',
        '-set_serial', `0x${randomBytes(8).toString('hex')}`, '-extfile', `${file}.ext`, '-out', `${file}.pem`); // prettier-ignore
    };
    if (name === 'tsa') ['ca', 'other'].forEach(root);
    if (above !== 'ca') issue(above, 'ca', 'basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign\n');
    issue(name, above, `extendedKeyUsage=critical,timeStamping\nkeyUsage=critical,digitalSignature\n`);
  }

  interface How {
    readonly policy?: string;
    readonly root?: string;
    readonly chain?: boolean;
    readonly ess?: string;
  }

  /** The dialect, with OpenSSL in place of the road and the authority. */
  function stampBy(name: string, { policy = '', root = 'ca', chain, ess = 'sha256' }: How): Promise<unknown> {
    const send = async ({ body }: WireRequest) => {
      writeFileSync(join(folder, 'query.tsq'), body ?? '');
      writeFileSync(join(folder, 'tsa.cnf'), [
        '[tsa]', 'default_tsa = one', '[one]', 'serial = serial', 'crypto_device = builtin', `signer_cert = ${name}.pem`,
        `signer_key = ${name}.key`, 'signer_digest = sha256', 'default_policy = 1.2.3.4.1', 'other_policies = 1.2.3.4.2',
        'digests = sha256', 'accuracy = secs:1, millisecs:500, microsecs:100', 'ordering = yes', 'tsa_name = yes',
        `ess_cert_id_alg = ${ess}`, ...(chain ? ['certs = middle.pem'] : []), '',
      ].join('\n')); // prettier-ignore
      openssl('ts', '-reply', '-config', 'tsa.cnf', '-section', 'one', '-queryfile', 'query.tsq', '-out', 'reply.tsr');
      const answer = readFileSync(join(folder, 'reply.tsr'));
      return { status: 200, headers: { 'content-type': 'application/timestamp-reply' }, body: answer };
    };
    const keys = { secret: () => readFileSync(join(folder, `${root}.pem`), 'utf8') };
    const wire = { system: { settings: { policy } }, now: () => new Date(), keys, send } as unknown as Wire;
    return tsaDialect.operations.stamp?.(request, wire) ?? Promise.reject(new Error('no operation'));
  }

  function openssl(...args: string[]): string {
    const stdio: ['ignore', 'pipe', 'pipe'] = ['ignore', 'pipe', 'pipe'];
    return execFileSync('openssl', args, { cwd: folder, stdio, timeout: 20_000 }).toString();
  }
});

test('pkijs reads from our request what we mean to ask', async () => {
  let sent = Buffer.alloc(0);
  const wire = {
    system: { settings: { policy: '1.2.3.4.1' } },
    now: () => new Date(),
    send: async ({ body }: WireRequest) => {
      sent = Buffer.from(body ?? '');
      throw new Error('sent');
    },
  } as unknown as Wire;
  await expect(tsaDialect.operations.stamp?.(request, wire)).rejects.toThrow('sent');
  const read = TimeStampReq.fromBER(new Uint8Array(sent).buffer);
  expect(read.certReq).toBe(true);
  expect(read.reqPolicy).toBe('1.2.3.4.1');
  expect(read.messageImprint.hashAlgorithm.algorithmId).toBe('2.16.840.1.101.3.4.2.1');
  expect(Buffer.from(read.messageImprint.hashedMessage.getValue()).toString('hex')).toBe(request.headSha256);
  expect(read.nonce?.valueBlock.valueHexView.length).toBeGreaterThan(8);
});

test('numbers and identifiers come back as they were written', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 2n ** 200n }), (number) => numberIn(partIn(integer(number))) === number),
  );
  const arcs = fc.array(fc.integer({ min: 0, max: 2 ** 31 }), { minLength: 1, maxLength: 10 });
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 }), fc.integer({ min: 0, max: 39 }), arcs, (top, second, rest) => {
      const text = [top, second, ...rest].join('.');
      return oidIn(partIn(oid(text))) === text;
    }),
  );
});

test('any bytes are an answer or an error, and never a token', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      for (const act of [() => readAnswer(Buffer.from(bytes)), () => verifyToken(Buffer.from(bytes), noAuthorities)]) {
        try {
          act();
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(Error);
        }
      }
    }),
  );
});

test.each([
  ['a length that could be shorter', '308103020101'],
  ['a length without end', '3080020101'],
  ['a part that is not whole', '3003020101ff'],
  ['a tag of many bytes', '1f8101020101'],
])('%s is no DER', (_, hex) => {
  expect(() => partIn(Buffer.from(hex, 'hex'))).toThrow();
});

const noAuthorities: X509Certificate[] = [];
