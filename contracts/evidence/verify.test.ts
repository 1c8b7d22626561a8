/** Each way to tamper with an export, by somebody who knows everything but the hub's key; and what is said of it. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { EvidenceExport } from './export.ts';
import { EvidenceHub, exampleExport, newSigner, relinked, sealed } from './fixture.ts';
import { readPublicKey } from './signing.ts';
import { verifyExport } from './verify.ts';

type Records = EvidenceExport['records'];

const hub = new EvidenceHub();
const theKey = readPublicKey(hub.signer.publicKey);
const whole = exampleExport(hub);
const text = JSON.stringify(whole, null, 1);

test('an export as the hub made it is proven, with the key from outside and with the one in the file', () => {
  expect(said(whole)).toEqual([]);
  expect(verify(text)).toMatchObject({ proven: true, keyCompared: true, findings: [] });
  expect(verifyExport(Buffer.from(text))).toMatchObject({ proven: true, keyCompared: false });
});

test('every case of a log of any size is proven', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 60 }), (order) => {
      const one = new EvidenceHub(hub.signer);
      for (const [i, n] of order.entries()) {
        one.keep(`CASE-${n}`);
        if (i % 7 === 3) one.anchor(`CASE-${n}`);
      }
      for (const n of new Set(order)) expect(said(one.export(`CASE-${n}`))).toEqual([]);
    }),
    { numRuns: Number(process.env['LIANSHU_CASES'] ?? 25) },
  );
});

describe('the five tamperings', () => {
  test('one flipped bit in a record', () => {
    const flipped = text.replace('"amount": "3.00"', '"amount": "2.00"'); // '3' and '2' differ in one bit.
    expect(sentences(flipped)).toEqual([
      'the content of record 3 (N03 trade data, CASE-1/3) was changed: it does not give the digests that were kept of it',
    ]);
  });

  test('one deleted record', () => {
    expect(said(tampered(whole, without(3)))).toEqual(['record 3 was deleted: record 2 is followed by 4']);
    expect(said(tampered(whole, without(1)))).toEqual(['record 1 was deleted: the file begins with record 2']);
  });

  test('one deleted record, the others numbered anew', () => {
    const closed = without(3)(whole.records).map((record, i) => ({ ...record, seq: i + 1 }));
    expect(said(tampered(whole, () => closed))[0]).toBe(
      'the tail was cut off: the hub signed that the case has 8 records, the file ends with record 7',
    );
    expect(said(tampered(whole, () => closed))[1]).toBe('record 3 was deleted: record 2 is followed by 4');
  });

  test('two swapped records', () => {
    const swap = (records: Records) => exchanged(records, 4, 5);
    expect(said(tampered(whole, swap))).toEqual([
      'records 4, 5 were swapped: they do not stand in the order in which they were kept',
    ]);
  });

  test('two swapped records, each with the number of the other', () => {
    const swap = (records: Records) => exchanged(records, 4, 6).map((record, i) => ({ ...record, seq: i + 1 }));
    expect(said(tampered(whole, swap))[0]).toBe(
      'records 4, 6 were swapped: they do not stand in the order in which they were kept',
    );
  });

  test('the contents of two records swapped, digests and proofs left in their place', () => {
    const swap = (records: Records) =>
      exchanged(records, 4, 6).map((record, i) => {
        const { seq, sha256, sm3, leafIndex, inclusion } = records[i] ?? record;
        return { ...record, seq, sha256, sm3, leafIndex, inclusion };
      });
    expect(said(tampered(whole, swap))).toEqual([
      'records 4, 6 were swapped: they do not stand in the order in which they were kept',
    ]);
  });

  test('a truncated tail', () => {
    const cut = tampered(whole, (records) => records.slice(0, -2));
    expect(said(cut)).toEqual([
      'the tail was cut off: the hub signed that the case has 8 records, the file ends with record 6',
    ]);
    expect(said({ ...cut, manifest: { ...cut.manifest, records: 6 } })).toEqual(said(cut));
  });

  test('a truncated tail with a statement that fits, which nobody signed', () => {
    const cut = tampered(whole, (records) => records.slice(0, -2));
    const { sha256 = '', sm3 = '' } = cut.records.at(-1) ?? {};
    const statement = { ...cut.statement, count: 6, sha256, sm3 };
    expect(said({ ...cut, statement })).toEqual([
      'the statement that case CASE-1 has 6 records is not what the hub signed: records may have been cut off the end',
    ]);
  });

  test('a tail cut off before an anchored record, by the hub itself', () => {
    const cut = new EvidenceHub(hub.signer);
    for (let i = 0; i < 4; i += 1) cut.keep('CASE-1');
    const { seal: _, ...content } = cut.export('CASE-1');
    const anchors = whole.anchors;
    const forged = sealed(hub.signer, {
      ...content,
      anchors,
      manifest: { ...content.manifest, anchors: anchors.length },
    });
    expect(said(forged)[0]).toMatch(
      /^the chain was rebuilt, cut or its anchor changed: record 5 was anchored as .* the file holds nothing$/,
    );
  });

  test('a rebuilt chain', () => {
    const rebuilt = tampered(whole, (records) => relinked(changed(records, 3), 3));
    expect(said(rebuilt)[0]).toBe(
      'the chain was rebuilt: the digests of record 3–8 fit their content, but the log that the hub signed does not hold them',
    );
    expect(said(rebuilt)[1]).toMatch(/^the chain was rebuilt, cut or its anchor changed: record 5 was anchored as /);
  });

  test('a rebuilt chain in a rebuilt log, signed anew', () => {
    const forger = new EvidenceHub();
    const forged = exampleExport(forger, '999.00');
    expect(said(forged)).toEqual([
      `signed by the key ${forger.signer.keyId}, which is not the hub's (${hub.signer.keyId}): chain and log were rebuilt and signed anew, or the file is of another hub`,
    ]);
    // With the anchors of the true chain, which are kept where the forger cannot write, it says so twice.
    const { seal: _, ...content } = forged;
    expect(said(sealed(forger.signer, { ...content, anchors: whole.anchors }))[1]).toMatch(
      /^the chain was rebuilt, cut or its anchor changed: record 5 was anchored as /,
    );
  });

  test('a rebuilt chain in a rebuilt log, under the name of the hub and with its key', () => {
    const forger = new EvidenceHub({ ...newSigner(), keyId: hub.signer.keyId, publicKey: hub.signer.publicKey });
    const [first] = said(exampleExport(forger, '999.00'));
    expect(first).toMatch(
      /^the log's head of 10 leaves is not signed by the key [0-9a-f]{64}: the head was changed, or the log was rebuilt$/,
    );
  });
});

describe('and others', () => {
  const other = hub.export('CASE-2').records[1];

  test.each<[string, (document: EvidenceExport) => EvidenceExport, RegExp]>([
    [
      'a record of another case',
      (d) => tampered(d, (r) => r.map((one) => (one.seq === 2 && other ? other : one))),
      /^record 2 .* is not of this case's chain: it neither follows the record before it nor is it in the log/,
    ],
    [
      'a record added',
      (d) => tampered(d, (r) => [...r, ...relinked([...r, { ...last(r), seq: 9 }], 9).slice(-1)]),
      /^something was added: the hub signed that the case has 8 records, the file goes on to record 9$/,
    ],
    ['a record twice', (d) => tampered(d, (r) => [...r.slice(0, 3), ...r.slice(2)]), /^record 3 occurs twice$/],
    [
      'one digest changed',
      (d) => tampered(d, (r) => r.map((one) => (one.seq === 4 ? { ...one, sm3: flip(one.sm3) } : one))),
      /^the digests of record 4 .* were changed: the signed log holds those that its content gives$/,
    ],
    [
      'a time changed',
      (d) => tampered(d, (r) => r.map((one) => (one.seq === 4 ? { ...one, at: '2026-11-22T01:00:00.000Z' } : one))),
      /^the content of record 4 /,
    ],
    [
      'the last record changed and linked anew',
      (d) => tampered(d, (r) => relinked(changed(r, 8), 8)),
      /^the chain was rebuilt: the digests of record 8 fit/,
    ],
    [
      'a proof changed',
      (d) => tampered(d, (r) => r.map((one) => (one.seq === 4 ? { ...one, inclusion: one.inclusion.map(flip) } : one))),
      /^record 4 .* is not proved to be in the log/,
    ],
    [
      'a proof of another tree',
      (d) => tampered(d, (r) => r.map((one, i) => ({ ...one, inclusion: larger().records[i]?.inclusion ?? [] }))),
      /is not proved to be in the log|^the chain was rebuilt: the digests of record 1–8/,
    ],
    [
      'a leaf elsewhere',
      (d) => tampered(d, (r) => r.map((one) => (one.seq === 4 ? { ...one, leafIndex: one.leafIndex + 1 } : one))),
      /^record 4 .* is not proved/,
    ],
    [
      'a head changed',
      (d) => ({ ...d, heads: d.heads.map((head) => ({ ...head, rootHash: flip(head.rootHash) })) }),
      /^the log's head of \d+ leaves is not signed by the key/,
    ],
    [
      'heads of another log of the hub',
      (d) => ({ ...d, heads: [...d.heads.slice(0, -1), ...larger().heads.slice(-1)] }),
      /^the log of \d+ leaves is not proved to extend|the chain was rebuilt/,
    ],
    ['an older head left out', (d) => ({ ...d, heads: d.heads.slice(1) }), /^the log of .* is not proved to extend/],
    [
      'the anchor changed',
      (d) => ({ ...d, anchors: d.anchors.map((anchor) => ({ ...anchor, sha256: flip(anchor.sha256) })) }),
      /^the chain was rebuilt, cut or its anchor changed: record 5/,
    ],
    ['the anchors left out', (d) => ({ ...d, anchors: [] }), /^the manifest counts 1 anchors, the file holds 0$/],
    [
      'the anchors left out of the manifest too',
      (d) => ({ ...d, anchors: [], manifest: { ...d.manifest, anchors: 0 } }),
      /^the file was changed after its export/,
    ],
    [
      'the transaction of an anchor',
      (d) => ({ ...d, anchors: d.anchors.map((anchor) => ({ ...anchor, txHash: '0x00' })) }),
      /^the file was changed after its export/,
    ],
    [
      'the statement of another case',
      (d) => ({ ...d, statement: hub.export('CASE-2').statement }),
      /^the statement that case CASE-1 has \d+ records is not what the hub signed/,
    ],
    ['the case renamed', (d) => ({ ...d, caseId: 'CASE-2' }), /./],
    [
      'the key left out',
      (d) => ({ ...d, keys: [{ id: 'a'.repeat(64), algorithm: 'Ed25519', publicKey: 'none' }] }),
      /^a public key in the file is not the one/,
    ],
    [
      'a payload that cannot be written down',
      (d) => tampered(d, (r) => r.map((one) => (one.seq === 4 ? { ...one, payload: { a: 0.5 } } : one))),
      /^the content of record 4 /,
    ],
  ])('%s', (_what, tamper, due) => {
    const [first, ...more] = said(tamper(whole));
    expect(first).toMatch(due);
    expect(more.length).toBeLessThan(12);
    // Without a key from outside too.
    expect(verifyExport(Buffer.from(JSON.stringify(tamper(whole)))).proven).toBe(false);
  });
});

test('a file without its last key names the key that is missing', () => {
  const elsewhere = newSigner();
  const keys = [{ id: elsewhere.keyId, algorithm: 'Ed25519' as const, publicKey: elsewhere.publicKey }];
  const [first] = verifyExport(Buffer.from(JSON.stringify({ ...whole, keys }))).findings;
  expect(first?.en).toBe(`the file does not hold the key ${hub.signer.keyId} that signed it`);
});

/** A later state of the same hub, with more in its log. */
function larger(): EvidenceExport {
  const later = new EvidenceHub(hub.signer);
  exampleExport(later);
  for (let i = 0; i < 20; i += 1) later.keep('CASE-3');
  return later.export('CASE-1');
}

function trusted() {
  return theKey ? [theKey] : [];
}

function verify(file: string | Buffer) {
  return verifyExport(Buffer.from(file), trusted());
}

function sentences(file: string | Buffer): string[] {
  return verify(file).findings.map(({ en }) => en);
}

function said(document: EvidenceExport): string[] {
  return sentences(JSON.stringify(document));
}

function tampered(document: EvidenceExport, tamper: (records: Records) => Records): EvidenceExport {
  return { ...document, records: tamper(document.records) };
}

function without(seq: number): (records: Records) => Records {
  return (records) => records.filter((record) => record.seq !== seq);
}

function exchanged(records: Records, a: number, b: number): Records {
  return records.map((record, i) => records[i === a - 1 ? b - 1 : i === b - 1 ? a - 1 : i] ?? record);
}

function changed(records: Records, seq: number): Records {
  return records.map((record) => (record.seq === seq ? { ...record, payload: { amount: '999.00' } } : record));
}

function last(records: Records): Records[number] {
  const found = records.at(-1);
  if (!found) throw new Error('no records');
  return found;
}

function flip(hex: string): string {
  return `${hex.startsWith('0') ? '1' : '0'}${hex.slice(1)}`;
}
