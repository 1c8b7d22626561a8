/** What 契约锁 remembers, and the form in which it shows a contract. */

export interface Signatory {
  readonly id: string;
  readonly tenantName: string;
  readonly serialNo: number;
  readonly contact: string;
  /** DRAFT, WAITING, SIGNING, SIGNED or REJECTED. */
  status: string;
  completeMs: number | null;
}

export interface Contract {
  readonly id: string;
  readonly bizId: string;
  subject: string;
  callbackUrl: string;
  expireMs: number;
  status: string;
  publishMs: number | null;
  completeMs: number | null;
  comments: string;
  documents: { readonly id: string; readonly title: string; base64: string }[];
  signatories: Signatory[];
}

export interface QiyuesuoMemory {
  /** By nonce, when it was seen, in real time. */
  readonly nonces: Record<string, number>;
  readonly contracts: Record<string, Contract>;
  downloadsLocked: boolean;
  /** How callbacks misbehave from now on. */
  manner: { duplicate: boolean; outOfOrder: boolean };
  /** Companies whose people do not sign the next contract that is put to them. */
  unwilling?: Record<string, 'rejects' | 'waits'>;
}

export function detailOf(contract: Contract): object {
  return {
    id: contract.id,
    bizId: contract.bizId,
    subject: contract.subject,
    status: contract.status,
    ordinal: true,
    publishTime: local(contract.publishMs),
    expireTime: local(contract.expireMs),
    completeTime: local(contract.completeMs),
    comments: contract.comments,
    signatories: contract.signatories.map((signatory) => ({
      id: signatory.id,
      tenantType: 'COMPANY',
      tenantName: signatory.tenantName,
      serialNo: signatory.serialNo,
      status: signatory.status,
      completeTime: local(signatory.completeMs),
      receiver: { contact: signatory.contact, contactType: 'MOBILE' },
    })),
    documents: contract.documents.map(({ id, title }) => ({ id, title, pageCount: 1, contentType: 'CONTRACT' })),
  };
}

/** Wall clock of Beijing. */
function local(ms: number | null): string | null {
  if (ms === null) return null;
  return new Date(ms).toLocaleString('sv-SE', { timeZone: 'Asia/Shanghai' });
}

export function instantOf(text: string): number {
  return Date.parse(`${text.replace(' ', 'T')}+08:00`);
}
