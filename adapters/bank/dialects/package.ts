/**
 * A funder that has nothing but a folder on a server of files: data packages (数据包) are put into `/out`, signed and encrypted; receipts
 * and approvals lie in `/in`, signed. A package that lies there whole is taken until a receipt says otherwise. It pays by other
 * roads (`iso20022`, or its API): this dialect moves no money.
 */
import { randomBytes } from 'node:crypto';
import type { bank } from '../../../contracts/bank/bank.ts';
import { CreditLine, PostingLine, ReleaseLine } from '../../../contracts/bank/package.approvals.wire.ts';
import { FeedbackLine } from '../../../contracts/bank/package.feedback.wire.ts';
import {
  folders,
  PackageInstitution,
  packageNoOf,
  PackageNumber,
  PackageParts,
  partName,
  partsSuffix,
  stemOf,
  wholeSuffix,
  type PackageKind,
  type PackageName,
} from '../../../contracts/bank/package.wire.ts';
import type { Contract, Message } from '../../../contracts/contract.ts';
import { Failure, isFailure } from '../../../contracts/failures.ts';
import { isAgain } from '../../../mappings/bank/package.codes.ts';
import * as map from '../../../mappings/bank/package.ts';
import * as feedback from '../../../mappings/bank/packageFeedback.ts';
import type { Dialect } from '../../adapter.ts';
import type { Files } from '../../sftpFiles.ts';
import type { Wire } from '../../wire.ts';
import { setting } from './direct.ts';
import { dataFilesOf, manifestOf, markOf, sha256Of, type Content, type DataFile } from './packageContent.ts';
import { encodingOf, lineAbout, newestPackage, receiptOf, stateOf, type About } from './packageReports.ts';
import { sealingOf, type Sealing } from './packageSeal.ts';
import { zipOf } from './packageZip.ts';

const beijingMs = 8 * 3_600_000;
const partsMax = 99;
const sequenceMax = 99;
const markKeyCharsMin = 32;
/** Below it a package would be more names than content. */
const partBytesMin = 1_000;
const partBytesMax = 8 * 1024 * 1024;

export const packageDialect: Dialect<typeof bank> = {
  operations: {
    applyCredit: async (request, wire) => ({
      funderRef: await push(wire, 'CREDIT', request.applicationNo, map.toCredit(request)),
    }),
    queryApplication: ({ no }, wire) => state(wire, 'CREDIT', no, map.applicationEnquiry),
    readDecision: ({ no }, wire) => said(wire, { kind: 'CREDIT', type: 'C', no }, CreditLine, map.decisionEnquiry),
    deliverCollateral: async (request, wire) => ({
      custodyNo: await push(wire, 'COLLATERAL', request.pledgeNo, map.toCollateral(request)),
    }),
    queryCollateral: ({ no }, wire) => state(wire, 'COLLATERAL', no, map.collateralEnquiry),
    adviseRepayment: async (request, wire) => ({
      funderRef: await push(wire, 'REPAYMENT', request.repaymentNo, map.toRepayment(request)),
    }),
    queryAdvice: ({ no }, wire) => state(wire, 'REPAYMENT', no, map.adviceEnquiry),
    readPosting: ({ no }, wire) => said(wire, { kind: 'REPAYMENT', type: 'P', no }, PostingLine, map.postingEnquiry),
    requestRelease: async (request, wire) => ({
      funderRef: await push(wire, 'RELEASE', request.releaseNo, map.toRelease(request)),
    }),
    queryRelease: ({ no }, wire) => state(wire, 'RELEASE', no, map.releaseEnquiry),
    readReleaseDecision: ({ no }, wire) =>
      said(wire, { kind: 'RELEASE', type: 'R', no }, ReleaseLine, map.releaseDecisionEnquiry),
    submitFeedback: async (request, wire) => ({
      funderRef: await push(wire, 'FEEDBACK', request.feedbackNo, feedback.toFeedback(request)),
    }),
    queryFeedback: ({ no }, wire) => state(wire, 'FEEDBACK', no, feedback.feedbackEnquiry),
    readFeedback: ({ no }, wire) =>
      said(wire, { kind: 'FEEDBACK', type: 'F', no }, FeedbackLine, feedback.feedbackResultEnquiry),
  },
};

type State = Parameters<typeof map.applicationEnquiry>[0];

function state<A>(wire: Wire, kind: PackageKind, no: string, answerOf: (state: State) => A): Promise<A> {
  const about = aboutOf(wire, kind, no);
  return wire.files(async (files) => answerOf(await stateOf(files, wire, about)));
}

/** The line of an approvals file; how the package itself stands counts only while there is none. */
function said<C extends Contract, A>(
  wire: Wire,
  { kind, type, no }: { kind: PackageKind; type: 'C' | 'R' | 'P' | 'F'; no: string },
  contract: C,
  answerOf: (said: State & { line?: Message<C> }) => A,
): Promise<A> {
  const about = aboutOf(wire, kind, no);
  return wire.files(async (files) => {
    const line = await lineAbout({ files, wire, institution: about.institution }, { type, no, contract });
    if (line) return answerOf({ packageNo: packageNoOf(no), there: true, line });
    return answerOf(await stateOf(files, wire, about));
  });
}

/** Everything that can be wrong on our side shows before anybody is asked anything. */
async function push(wire: Wire, kind: PackageKind, no: string, content: Content): Promise<string> {
  const about = aboutOf(wire, kind, no);
  const encoding = encodingOf(wire);
  const partBytes = partBytesOf(wire);
  const data = dataFilesOf(kind, content, encoding);
  const sealing = sealingOf(wire);
  assertMarkKey(wire);
  const createdAt = `${new Date(wire.now().getTime() + beijingMs).toISOString().slice(0, 19)}+08:00`;
  await wire.files(async (files) => {
    const name = await harmless(() => nameFor(files, wire, about, content));
    const encrypted = await harmless(() => sealedOf(name, data, sealing, { createdAt, encoding }));
    if (encrypted.length <= partBytes) await putWhole(files, name, encrypted);
    else await putInParts(files, name, encrypted, { partBytes, sealing });
  });
  return packageNoOf(no);
}

/** @throws Failure IDEMPOTENCY_CONFLICT when another content lies there under the number */
async function nameFor(files: Files, wire: Wire, about: About, content: Content): Promise<PackageName> {
  const last = newestPackage(await files.list(folders.packages), about);
  const mark = markOf(
    wire.keys.secret('mark', (secret) => markOf(secret, content) === last?.mark),
    content,
  );
  if (!last) return { ...about, sequence: '01', mark };
  const receipt = await receiptOf(files, wire, about, last).catch((thrown: unknown) => {
    if (isFailure(thrown)) return undefined; // Then nobody asks for it again.
    throw thrown;
  });
  if (receipt && isAgain(receipt.code)) {
    const next = Number(last.sequence) + 1;
    if (next > sequenceMax) throw new Failure('IDEMPOTENCY_CONFLICT', { detail: `${about.no} was sent too often` });
    return { ...about, sequence: String(next).padStart(2, '0'), mark };
  }
  if (last.mark !== mark)
    throw new Failure('IDEMPOTENCY_CONFLICT', { detail: `another content lies there as ${about.no}` });
  return { ...about, sequence: last.sequence, mark };
}

async function sealedOf(
  name: PackageName,
  data: readonly DataFile[],
  sealing: Sealing,
  how: Parameters<typeof manifestOf>[2],
): Promise<Buffer> {
  const manifest = await sealing.sign(manifestOf(name, data, how), 'manifest');
  return sealing.encrypt(zipOf([{ name: 'manifest.jws', bytes: Buffer.from(manifest) }, ...data]));
}

/** What lies there under the name is the same content, in other cipher text: the mark in the name says so. */
async function putWhole(files: Files, name: PackageName, encrypted: Buffer): Promise<void> {
  await files.put(folders.packages, `${stemOf(name)}${wholeSuffix}`, encrypted, { same: () => true });
}

/**
 * Parts first, under names of this attempt: cipher texts of two attempts never mix. Then their list, and its companion last:
 * until that lies there, there is no package, whatever broke.
 */
async function putInParts(
  files: Files,
  name: PackageName,
  encrypted: Buffer,
  { partBytes, sealing }: { partBytes: number; sealing: Sealing },
): Promise<void> {
  const list = `${stemOf(name)}${partsSuffix}`;
  const there = await harmless(async () => {
    const listed = (await files.list(folders.packages)).some((entry) => entry.name === list);
    if (!listed) {
      const parts = partsOf(name, encrypted, partBytes);
      for (const part of parts) await files.put(folders.packages, part.name, part.bytes);
      const signed = await sealing.sign(partsList(name, encrypted, parts), 'parts');
      await files.put(folders.packages, list, Buffer.from(signed), { same: () => true });
    }
    // Whoever was first: the companion is that of the list that lies there.
    return files.get(folders.packages, list);
  });
  const companion = Buffer.from(`${list}|${there.length}|${sha256Of(there)}\n`);
  await files.put(folders.packages, `${list}.ok`, companion);
}

interface Part {
  readonly name: string;
  readonly bytes: Buffer;
}

function partsOf(name: PackageName, encrypted: Buffer, partBytes: number): Part[] {
  const of = Math.ceil(encrypted.length / partBytes);
  if (of > partsMax) throw new Failure('BODY_TOO_LARGE', { detail: `${of} parts, at most ${partsMax}` });
  const attempt = randomBytes(4).toString('hex');
  return Array.from({ length: of }, (_, i) => ({
    name: partName(stemOf(name), attempt, i + 1, of),
    bytes: encrypted.subarray(i * partBytes, (i + 1) * partBytes),
  }));
}

function partsList(name: PackageName, encrypted: Buffer, parts: readonly Part[]): Message<typeof PackageParts> {
  const { institution, kind, no, sequence } = name;
  const shown = (file: string, bytes: Buffer) => ({ name: file, bytes: bytes.length, sha256: sha256Of(bytes) });
  return PackageParts.check({
    format: 'LIANSHU-PARTS-1',
    packageNo: packageNoOf(no),
    institution,
    kind,
    sequence,
    ...shown(`${stemOf(name)}${wholeSuffix}`, encrypted),
    parts: parts.map((part) => shown(part.name, part.bytes)),
  });
}

/** Whatever goes wrong in it, there is no package yet: it may be tried again. */
async function harmless<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (thrown) {
    const stands = ['SYSTEM_UNREACHABLE', 'SYSTEM_BUSY', 'IDEMPOTENCY_CONFLICT'];
    if (!isFailure(thrown) || stands.includes(thrown.type)) throw thrown;
    throw new Failure('SYSTEM_BUSY', { detail: `no package was put: ${thrown.message}`, cause: thrown });
  }
}

/** From a short one the content could be guessed. */
function assertMarkKey(wire: Wire): void {
  if (wire.keys.secret('mark').length < markKeyCharsMin)
    throw new Failure('KEY_NOT_ADMITTED', { detail: `the secret mark has fewer than ${markKeyCharsMin} characters` });
}

function aboutOf(wire: Wire, kind: PackageKind, no: string): About {
  return { institution: PackageInstitution.check(setting(wire, 'institution')), kind, no: PackageNumber.check(no) };
}

function partBytesOf(wire: Wire): number {
  const bytes = Number(setting(wire, 'partBytes'));
  if (!Number.isInteger(bytes) || bytes < partBytesMin || bytes > partBytesMax)
    throw new Error(`${wire.system.id}: partBytes is a whole number from ${partBytesMin} to ${partBytesMax}`);
  return bytes;
}
