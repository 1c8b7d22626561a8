/** What no signing vendor can tell apart, refused before anything is sent. */
import type { Message } from '../../contracts/contract.ts';
import type { Envelope } from '../../contracts/esign/esign.ts';
import { Failure } from '../../contracts/failures.ts';

/** @throws Failure CONTRACT_VIOLATED: a signer is known by its order, and a signed file comes back by its name */
export function refuseDoubles({ documents, signers }: Message<typeof Envelope>): void {
  documents.forEach(({ fileName }, index) => {
    const pointer = `#/documents/${index}/fileName`;
    if (!/\.pdf$/i.test(fileName)) throw vendorLimit(pointer, 'must end in .pdf');
    if (documents.findIndex((other) => other.fileName === fileName) !== index)
      throw vendorLimit(pointer, 'occurs twice');
  });
  signers.forEach(({ order }, index) => {
    if (signers.findIndex((other) => other.order === order) !== index)
      throw vendorLimit(`#/signers/${index}/order`, 'occurs twice');
  });
}

export function vendorLimit(pointer: string, detail: string): Failure {
  return new Failure('CONTRACT_VIOLATED', {
    detail: `${pointer} ${detail}`,
    errors: [{ pointer, code: 'vendor_limit', detail }],
  });
}

export function required(uploaded: string | undefined): string {
  if (uploaded === undefined) throw new Failure('CONTRACT_VIOLATED', { detail: 'a document was not uploaded' });
  return uploaded;
}
