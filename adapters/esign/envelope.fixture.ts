/** An envelope as a flow would send it, with a real PDF: what the tests of this adapter start from. */
import { createHash } from 'node:crypto';
import { dealers, funder, type Dealer } from '../../test/twins.ts';

export const dealer = firstOf(dealers);
export const contract = pdf('pledge');

/** The smallest file that a reader opens. */
function pdf(title: string): Buffer {
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >> % ${title}`,
  ];
  let text = '%PDF-1.4\n';
  const offsets = objects.map((object, index) => {
    const at = text.length;
    text += `${index + 1} 0 obj\n${object}\nendobj\n`;
    return `${String(at).padStart(10, '0')} 00000 n \n`;
  });
  const xref = text.length;
  text += `xref\n0 4\n0000000000 65535 f \n${offsets.join('')}trailer\n<< /Size 4 /Root 1 0 R >>\nstartxref\n${xref}\n%%EOF\n`;
  return Buffer.from(text, 'latin1');
}

export function envelope(change: { bytes?: Buffer; second?: { name: string; idNo: string; phone: string } } = {}) {
  return {
    envelopeNo: 'ENV-1',
    title: '动产质押合同：ZY/2026-01',
    documents: [document(change.bytes ?? contract)],
    signers: [{ order: 1, company: companyOf(funder), person: funder.legalRep }, signer(2, change.second)],
    deadline: '2026-12-20T09:00:00+08:00', // Far enough for a busy machine under a fast clock.
  };
}

export function signer(order: number, person: { name: string; idNo: string; phone: string } = dealer.legalRep) {
  return { order, company: companyOf(dealer), person };
}

export function document(bytes: Buffer) {
  return { fileName: 'pledge.pdf', sha256: sha256(bytes), contentBase64: bytes.toString('base64') };
}

/** For those who wait for it. */
export const soon = { deadline: '2026-11-24T09:00:00+08:00' };

export function wanted() {
  return [{ fileName: 'pledge.pdf', sha256: sha256(contract) }];
}

function companyOf({ name, uscc }: { name: string; uscc: string }) {
  return { name, uscc };
}

export function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function firstOf(all: readonly Dealer[]): Dealer {
  const [first] = all;
  if (!first) throw new Error('the world has a dealer');
  return first;
}
