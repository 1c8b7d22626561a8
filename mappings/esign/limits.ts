/** What no signing vendor can tell apart, refused before anything is sent. */
import type { Message } from '../../contracts/contract.ts';
import type { Envelope, TemplateFill } from '../../contracts/esign/esign.ts';
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

/** @throws Failure CONTRACT_VIOLATED: a field has one value */
export function refuseTwice({ fields }: Message<typeof TemplateFill>): void {
  fields.forEach(({ name }, index) => {
    if (fields.findIndex((other) => other.name === name) !== index)
      throw vendorLimit(`#/fields/${index}/name`, 'occurs twice');
  });
}

/**
 * Also what is too long, where the vendor tells. A value for a field that the template does not have would be lost without a word, and a contract would go out without it.
 *
 * @throws Failure SYSTEM_REFUSED that names the field
 */
export function refuseStrangers(
  { fields }: Message<typeof TemplateFill>,
  known: readonly { readonly name: string; readonly isRequired: boolean; readonly charsMax?: number | undefined }[],
): void {
  const stranger = fields.find(({ name }) => !known.some((field) => field.name === name));
  if (stranger) throw new Failure('SYSTEM_REFUSED', { detail: `the template has no field ${stranger.name}` });
  const missing = known.find(({ name, isRequired }) => isRequired && !fields.some((field) => field.name === name));
  if (missing) throw new Failure('SYSTEM_REFUSED', { detail: `the template wants a value for field ${missing.name}` });
  const long = fields.find(({ name, value }) => {
    const charsMax = known.find((field) => field.name === name)?.charsMax;
    return charsMax !== undefined && value.length > charsMax;
  });
  if (long)
    throw new Failure('SYSTEM_REFUSED', { detail: `the value of field ${long.name} is too long for the template` });
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
