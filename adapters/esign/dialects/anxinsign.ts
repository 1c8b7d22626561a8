/**
 * CFCA 安心签 (TrustSign).
 *
 * Starting an envelope is an account for each company (3002, which answers with the account that there is already) and an
 * upload (3203) for each file, since a contract is one file here. Only uploads do something to the world: once the first is
 * made, whatever goes wrong leaves the outcome unknown. The vendor takes no number of ours and sent twice makes two
 * contracts: the number stands at the end of a contract's name, and the list of the platform's own contracts (3299) shows
 * names. An envelope is found when all its contracts are there; some of them are for people.
 *
 * Requests are signed (CMS over the JSON), answers are not: TLS with certificates on both sides is all there is. It never
 * calls; readEnvelope is asked in turns.
 */
import type { TSchema } from 'typebox';
import * as anxin from '../../../contracts/esign/anxinsign.wire.ts';
import { contract, type Contract, type Message } from '../../../contracts/contract.ts';
import type { Envelope, esign } from '../../../contracts/esign/esign.ts';
import { Failure, isFailure } from '../../../contracts/failures.ts';
import {
  contractNosIn,
  flowIdOf,
  failureOf,
  headAt,
  isContractMissing,
  statusOf,
  successCode,
  tagIn,
  toAnxinEnterprise,
  toAnxinUpload,
  toEnvelopeFinished,
  txTimeOf,
} from '../../../mappings/esign/anxinsign.ts';
import type { Dialect } from '../../adapter.ts';
import type { Wire } from '../../wire.ts';
import { multipart } from '../multipart.ts';
import { answered, beforeStart, contentOf, jsonOf, proven, setting } from '../steps.ts';
import { anxinSignature } from './anxinsignSignature.ts';

type Shown = Message<typeof anxin.AnxinContract>['contract'];
type Signer = Message<typeof Envelope>['signers'][number];

const pageSize = 100;
const pagesMax = 50;
const noUser = '0'.repeat(32);
const FlowId = contract('esign/anxinsign/flow-id', anxin.AnxinFlowId);

/** The contracts of one envelope, all of them, in the order of its files. */
interface Found {
  readonly envelopeNo: string;
  readonly contracts: readonly Shown[];
}

export const anxinsignDialect: Dialect<typeof esign> = {
  operations: {
    async startEnvelope(envelope, wire) {
      const contents = envelope.documents.map(contentOf);
      // What cannot be said to this vendor is refused before an account is opened.
      toAnxinUpload({ envelope, userIds: envelope.signers.map(() => noUser), part: 1, at: now(wire) });
      const userIds: string[] = [];
      for (const signer of envelope.signers) userIds.push(await beforeStart(() => opened(wire, signer)));
      const contractNos: string[] = [];
      for (const [index, content] of contents.entries())
        contractNos.push(await afterOthers(contractNos, () => uploaded(wire, { envelope, userIds, index, content })));
      return { vendorFlowId: flowIdOf(contractNos) };
    },

    async queryEnvelope({ no }, wire) {
      const found = await search(wire, no);
      return found
        ? { outcome: 'confirmed', response: { vendorFlowId: flowIdOf(found.contracts.map(numberOf)) } }
        : { outcome: 'notFound' };
    },

    /** By our number or, which is no search, by the vendor's. */
    async readEnvelope({ no }, wire) {
      const found = (isFlowId(no) ? await readAll(wire, contractNosIn(no)) : undefined) ?? (await search(wire, no));
      if (!found) return { outcome: 'notFound' };
      const { envelopeNo } = found;
      if (statusOf(found.contracts.map(stateOf)) === 'signing') return { outcome: 'pending' };
      const endedAt = found.contracts.map(endOf).sort().at(-1) || txTimeOf(now(wire));
      const contracts = found.contracts.map(({ contractNo, contractState }) => ({ contractNo, contractState }));
      return { outcome: 'confirmed', response: toEnvelopeFinished({ envelopeNo, contracts, endedAt }) };
    },

    async fetchDocuments({ vendorFlowId, documents }, wire) {
      const found = await readAll(wire, contractNosIn(FlowId.check(vendorFlowId)));
      if (!found) throw new Failure('NOT_FOUND', { detail: `there are no contracts ${vendorFlowId}` });
      const status = statusOf(found.contracts.map(stateOf));
      if (status !== 'completed')
        throw new Failure('SIGNATURES_INCOMPLETE', { detail: `${vendorFlowId} is ${status}` });
      const files: Buffer[] = [];
      for (const { contractNo } of found.contracts) files.push(await downloaded(wire, contractNo));
      return { vendorFlowId, documents: documents.map((wanted) => provenAmong(wire, wanted, files)) };
    },
  },
};

/** What follows an upload that was made cannot end in "it did not happen". */
async function afterOthers<T>(made: readonly string[], step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (thrown) {
    if (made.length === 0 || !isFailure(thrown)) throw thrown;
    const detail = `after ${made.length} of the contracts (${flowIdOf(made)}): ${thrown.message}`;
    throw new Failure('OUTCOME_UNKNOWN', {
      detail,
      cause: thrown,
      ...(thrown.externalCode === undefined ? {} : { externalCode: thrown.externalCode }),
    });
  }
}

interface Upload {
  readonly envelope: Message<typeof Envelope>;
  readonly userIds: string[];
  readonly index: number;
  readonly content: Buffer;
}

/** @returns the contract's number */
async function uploaded(wire: Wire, { envelope, userIds, index, content }: Upload): Promise<string> {
  const upload = toAnxinUpload({ envelope, userIds, part: index + 1, at: now(wire) });
  const file = { fileName: envelope.documents[index]?.fileName ?? '', content };
  const { contract: made } = await call(wire, '3203', upload, anxin.AnxinContract, file);
  if (made.contractName !== upload.uploadContract.contractName)
    throw new Failure('ANSWER_UNVERIFIED', { detail: `contract ${made.contractNo} is not the one that was sent` });
  return made.contractNo;
}

/** The vendor shows no names of files: the one that begins with what was sent is the one. */
function provenAmong(wire: Wire, wanted: { fileName: string; sha256: string }, files: readonly Buffer[]) {
  for (const [index, bytes] of files.entries()) {
    try {
      return proven(wire, wanted, bytes);
    } catch (thrown) {
      const isAnother = isFailure(thrown) && thrown.type === 'DOC_HASH_CHANGED';
      if (!isAnother || index === files.length - 1) throw thrown;
    }
  }
  throw new Failure('ANSWER_UNVERIFIED', { detail: 'there is no file' });
}

/** @returns the account of the signer's company */
async function opened(wire: Wire, signer: Signer): Promise<string> {
  const authenticationMode = setting(wire, 'authenticationMode');
  const asked = toAnxinEnterprise({ signer, authenticationMode, at: now(wire) });
  const { enterprise } = await call(wire, '3002', asked, anxin.AnxinEnterpriseOpened);
  if ((enterprise.identNo ?? signer.company.uscc) !== signer.company.uscc)
    throw new Failure('ANSWER_UNVERIFIED', { detail: 'the account is that of another company' });
  return enterprise.userId;
}

/** The contracts whose names end with our number. Every page is read: another one may stand further back. */
async function search(wire: Wire, envelopeNo: string): Promise<Found | undefined> {
  const found = new Map<string, Shown>();
  for (let page = 0; ; page += 1) {
    if (page === pagesMax) {
      if (found.size > 0) break;
      throw new Failure('OUTCOME_UNKNOWN', {
        detail: `not among the newest ${pagesMax * pageSize} contracts, and there are more`,
      });
    }
    const { contract: listed } = await call(wire, '3299', listAsked(wire, page), anxin.AnxinContracts);
    for (const shown of listed)
      if (tagIn(shown.contractName)?.envelopeNo === envelopeNo) found.set(shown.contractNo, shown);
    if (listed.length < pageSize) break;
  }
  return found.size === 0 ? undefined : wholeOf([...found.values()]);
}

/** Undefined when the vendor does not know one of them. */
async function readAll(wire: Wire, contractNos: readonly string[]): Promise<Found | undefined> {
  const contracts: Shown[] = [];
  for (const contractNo of contractNos) {
    const shown = await read(wire, contractNo);
    if (!shown) return undefined;
    contracts.push(shown);
  }
  return wholeOf(contracts);
}

/** @throws Failure OUTCOME_UNKNOWN or ANSWER_UNVERIFIED: some contracts are no envelope, and neither are too many */
function wholeOf(contracts: readonly Shown[]): Found {
  const tagged = contracts.flatMap((shown) => {
    const tag = tagIn(shown.contractName);
    return tag ? [{ shown, ...tag }] : [];
  });
  const [first] = tagged;
  if (!first || tagged.length !== contracts.length)
    throw new Failure('ANSWER_UNVERIFIED', { detail: `${flowIdOf(contracts.map(numberOf))} carry no number of ours` });
  const { envelopeNo, parts } = first;
  const inOrder = tagged.toSorted((a, b) => a.part - b.part);
  const isWhole =
    inOrder.length === parts &&
    inOrder.every((each, index) => each.part === index + 1 && each.parts === parts && each.envelopeNo === envelopeNo);
  if (!isWhole)
    throw new Failure('OUTCOME_UNKNOWN', {
      detail: `${contracts.length} contracts carry ${envelopeNo}, and should be ${parts}: people must call off what is too much`,
    });
  return { envelopeNo, contracts: inOrder.map(({ shown }) => shown) };
}

function listAsked(wire: Wire, page: number) {
  return anxin.AnxinListAsked.check({
    head: headAt(now(wire)),
    enterprise: {
      enterpriseName: setting(wire, 'platformName'),
      identTypeCode: '8',
      identNo: setting(wire, 'platformUscc'),
    },
    beginIndex: String(page * pageSize + 1),
    endIndex: String((page + 1) * pageSize),
  });
}

async function read(wire: Wire, contractNo: string): Promise<Shown | undefined> {
  const asked = anxin.AnxinContractAsked.check({ head: headAt(now(wire)), contract: { contractNo } });
  let shown: Shown;
  try {
    ({ contract: shown } = await call(wire, '3210', asked, anxin.AnxinContract));
  } catch (thrown) {
    if (isFailure(thrown) && isContractMissing(thrown.externalCode)) return undefined;
    throw thrown;
  }
  if (shown.contractNo !== contractNo)
    throw new Failure('ANSWER_UNVERIFIED', { detail: `asked about ${contractNo}, and another contract was shown` });
  return shown;
}

/** The file itself; where there is none, an error in JSON. */
async function downloaded(wire: Wire, contractNo: string): Promise<Buffer> {
  const path = `/FEP/platId/${platIdOf(wire)}/contractNo/${contractNo}/downloading`;
  const answer = await wire.send({ method: 'GET', path, headers: ownHeaders });
  if (answer.body.subarray(0, 1).toString() === '{') outcomeOf(answer.status, jsonOf(answer));
  if (answer.status !== 200)
    throw new Failure('OUTCOME_UNKNOWN', { detail: `the signed file came with HTTP ${answer.status}` });
  return answer.body;
}

/** When it was over: with the last one who acted, or at the end of its last day. Blank when that is not shown. */
function endOf(shown: Shown): string {
  if (statusOf([shown.contractState]) === 'expired') return shown.expiredDate ? `${shown.expiredDate}235959` : '';
  const times = (shown.signatories ?? []).flatMap(({ signTime }) => (signTime ? [String(signTime)] : []));
  return times.sort().at(-1) ?? '';
}

/** Sends one transaction, and returns what an answer that says success holds. @throws Failure */
async function call<S extends TSchema>(
  wire: Wire,
  txCode: string,
  message: object,
  answer: Contract<S>,
  file?: { fileName: string; content: Buffer },
): Promise<Message<Contract<S>>> {
  const data = JSON.stringify(message);
  const fields = { data, signature: await anxinSignature(wire.keys, data) };
  const form = file
    ? multipart(fields, {
        name: 'contractFile',
        fileName: file.fileName,
        contentType: 'application/octet-stream',
        bytes: file.content,
      })
    : {
        type: 'application/x-www-form-urlencoded;charset=UTF-8',
        body: Buffer.from(new URLSearchParams(fields).toString()),
      };
  const got = await wire.send({
    method: 'POST',
    path: `/FEP/platId/${platIdOf(wire)}/txCode/${txCode}/transaction`,
    headers: { ...ownHeaders, 'Content-Type': form.type },
    body: form.body,
  });
  return answered(answer, outcomeOf(got.status, jsonOf(got)));
}

function outcomeOf(status: number, value: unknown): unknown {
  const said = answered(anxin.AnxinAnswer, value);
  if (!('head' in said)) throw failureOf(said.errorCode, said.errorMessage);
  const { retCode, retMessage } = said.head;
  if (retCode !== successCode) throw failureOf(retCode, retMessage);
  if (status !== 200) throw new Failure('ANSWER_UNVERIFIED', { detail: `success with HTTP ${status}` });
  return value;
}

const stateOf = ({ contractState }: Shown): number => contractState;
const numberOf = ({ contractNo }: Shown): string => contractNo;
const isFlowId = (no: string): boolean => /^[A-Z]{2}\d{17}(@[A-Z]{2}\d{17}){0,2}$/.test(no);
const platIdOf = (wire: Wire): string => encodeURIComponent(setting(wire, 'platId'));
const now = (wire: Wire): string => wire.now().toISOString();
const ownHeaders = { 'User-Agent': 'TrustSign FEP', Accept: 'application/json' };
