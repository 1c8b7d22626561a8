/** For tests: a hub's evidence in memory, with its log, its key and its exports; and a forger who has all of it but the key. */
import { generateKeyPairSync } from 'node:crypto';
import { linkOf, type EvidenceRecord, type Link } from './chain.ts';
import { exportFormat, type EvidenceExport } from './export.ts';
import { consistencyRanges, Edge, inclusionRanges, leafHash, rangeHash, type NodeId } from './merkle.ts';
import { leafEntry, signCase, signerOf, signHead, type SignedHead, type Signer } from './signing.ts';

interface Kept extends EvidenceRecord {
  readonly caseId: string;
  readonly link: Link;
  readonly leafIndex: number;
}

type Anchor = EvidenceExport['anchors'][number];

const at = '2026-11-23T01:00:00.000Z';

export function newSigner(): Signer {
  return signerOf(generateKeyPairSync('ed25519').privateKey);
}

export class EvidenceHub {
  readonly signer: Signer;
  readonly #kept: Kept[] = [];
  readonly #edge = new Edge();
  readonly #nodes = new Map<string, Buffer>();
  readonly #heads: SignedHead[] = [];
  readonly #anchors: { readonly anchor: Anchor; readonly caseId: string; readonly head: SignedHead }[] = [];

  constructor(signer = newSigner()) {
    this.signer = signer;
  }

  keep(caseId: string, record: Partial<EvidenceRecord> = {}): void {
    const last = this.#of(caseId).at(-1)?.link;
    const seq = (last?.seq ?? 0) + 1;
    const whole = {
      node: 'N03 trade data',
      businessKey: `${caseId}/${seq}`,
      payload: { amount: `${seq}.00` },
      at,
      ...record,
    };
    const link = linkOf(last, whole);
    const leafIndex = this.#edge.size;
    const hash = leafHash(leafEntry(caseId, link));
    this.#nodes.set(`0/${leafIndex}`, hash);
    for (const { node, hash: made } of this.#edge.append(hash)) this.#nodes.set(`${node.level}/${node.position}`, made);
    this.#kept.push({ ...whole, caseId, link, leafIndex });
  }

  head(): SignedHead {
    const rootHash = this.#edge.root().toString('hex');
    const last = this.#heads.at(-1);
    if (last?.treeSize === this.#edge.size) return last;
    const head = signHead(this.signer, { treeSize: this.#edge.size, rootHash, at });
    this.#heads.push(head);
    return head;
  }

  anchor(caseId: string): void {
    const last = this.#of(caseId).at(-1)?.link;
    if (!last) throw new Error(`${caseId} has no record to anchor`);
    const { seq, sha256 } = last;
    const outside = { txHash: `0x${sha256}`, blockNumber: '42', anchoredAt: at };
    this.#anchors.push({ anchor: { anchorNo: `EV-${seq}`, seq, sha256, ...outside }, caseId, head: this.head() });
  }

  export(caseId: string): EvidenceExport {
    const kept = this.#of(caseId);
    const last = kept.at(-1)?.link;
    if (!last) throw new Error(`${caseId} has no records`);
    const anchors = this.#anchors.filter((one) => one.caseId === caseId);
    const heads = [...new Set([...anchors.map(({ head }) => head), this.head()])];
    return sealed(this.signer, {
      format: exportFormat,
      caseId,
      exportedAt: at,
      manifest: { records: kept.length, anchors: anchors.length, heads: heads.length, keys: 1 },
      records: kept.map(({ node, businessKey, payload, at: when, link, leafIndex }) => ({
        ...link,
        node,
        businessKey,
        payload,
        at: when,
        leafIndex,
        inclusion: this.#proof(inclusionRanges(leafIndex, this.#edge.size)),
      })),
      heads,
      consistency: heads
        .slice(1)
        .map((later, i) => this.#proof(consistencyRanges(heads[i]?.treeSize ?? 1, later.treeSize))),
      anchors: anchors.map(({ anchor }) => anchor),
      statement: signCase(this.signer, caseId, last, at),
      keys: [{ id: this.signer.keyId, algorithm: 'Ed25519', publicKey: this.signer.publicKey }],
    });
  }

  #of(caseId: string): Kept[] {
    return this.#kept.filter((one) => one.caseId === caseId);
  }

  #proof(ranges: ReturnType<typeof inclusionRanges>): string[] {
    const lookup = ({ level, position }: NodeId) => this.#nodes.get(`${level}/${position}`) ?? Buffer.alloc(0);
    return ranges.map((range) => rangeHash(range, lookup).toString('hex'));
  }
}

/** Eight records of CASE-1, the fifth anchored, between those of another case. */
export function exampleExport(hub: EvidenceHub, amountOfThird = '3.00'): EvidenceExport {
  for (let i = 1; i <= 8; i += 1) {
    hub.keep('CASE-1', i === 3 ? { payload: { amount: amountOfThird } } : {});
    hub.keep('CASE-2');
    if (i === 5) hub.anchor('CASE-1');
  }
  return hub.export('CASE-1');
}

export function sealed(signer: Signer, content: Omit<EvidenceExport, 'seal'>): EvidenceExport {
  return { ...content, seal: { keyId: signer.keyId, signature: signer.sign('evidence-export', content) } };
}

/** The digests made anew over the records as they are now: what a forger does who knows how the chain is made. */
export function relinked(records: EvidenceExport['records'], from = 1): EvidenceExport['records'] {
  let before: Link | undefined;
  return records.map((record) => {
    const { seq, sha256, sm3, node, businessKey, payload, at: when } = record;
    before = seq < from ? { seq, sha256, sm3 } : linkOf(before, { node, businessKey, payload, at: when });
    return { ...record, ...before };
  });
}
