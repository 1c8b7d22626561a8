/** Envelopes (电子签约) in the words of CFCA 安心签, and its states and codes in ours. */
import { Type } from 'typebox';
import { AnxinContractNo, AnxinEnterprise, AnxinUpload } from '../../contracts/esign/anxinsign.wire.ts';
import { contract, strict, type Message } from '../../contracts/contract.ts';
import { Envelope, EnvelopeFinished } from '../../contracts/esign/esign.ts';
import { Failure, type FailureCode } from '../../contracts/failures.ts';
import { mapping } from '../../contracts/mapping.ts';
import { codeTable } from '../codes/codeTable.ts';
import { refuseDoubles, required, vendorLimit } from './limits.ts';

const source = 'CFCA 安心签 (TrustSign), 公开演示程序; 除 60000000、60030205 与合同状态 1 外为本枢纽所选';

/** State of a contract (合同状态). Only 1 was seen: of a contract that all have signed. */
export const contractStates = codeTable('esign.anxinsign.contract-state', source, {
  0: 'signing',
  1: 'completed',
  2: 'refused',
  3: 'expired',
  4: 'revoked',
} satisfies Record<number, Message<typeof EnvelopeFinished>['status']>);

/** What is not here is `EXT_CODE_UNMAPPED`: a new code may mean anything. */
export const refusalCodes = codeTable('esign.anxinsign.refusal', source, {
  60010101: 'SYSTEM_REFUSED', // The signature does not verify.
  60010102: 'SYSTEM_REFUSED', // The certificate is not the platform's.
  60020001: 'SYSTEM_REFUSED', // A parameter is missing or wrong.
  60030103: 'IDV_MISMATCH', // The company has an account under another name.
  60030104: 'NOT_ALLOWED', // The account is frozen.
  60030205: 'AUTHORITY_MISSING', // The user did not authorise the platform for this project.
  60030301: 'SYSTEM_REFUSED', // No such contract.
  60030302: 'SYSTEM_REFUSED', // The file cannot be read.
  60030303: 'SYSTEM_REFUSED', // No such user.
  60030401: 'SIGNATURES_INCOMPLETE', // The file is asked for before all have signed.
  60090001: 'SYSTEM_BUSY', // Too many requests, not taken.
  60099999: 'OUTCOME_UNKNOWN', // An error of the system itself.
} satisfies Record<number, FailureCode>);

export const successCode = '60000000';
const contractMissingCode = '60030301';

export function failureOf(code: string, message: string | null | undefined): Failure {
  const type = refusalCodes.find(code) ?? 'EXT_CODE_UNMAPPED';
  return new Failure(type, { detail: `${code}: ${(message ?? '').slice(0, 200)}`, externalCode: code });
}

/** On a query this code means "never heard of it". */
export const isContractMissing = (externalCode: string | undefined): boolean => externalCode === contractMissingCode;

/** An envelope of several files is several contracts here. Their numbers must fit into one flow id. */
const partsMax = 3;
const flowIdSeparator = '@'; // As in the vendor's own address for several files.

export const flowIdOf = (contractNos: readonly string[]): string => contractNos.join(flowIdSeparator);
export const contractNosIn = (flowId: string): string[] => flowId.split(flowIdSeparator);

/**
 * How a contract's name ends: the vendor takes no number of ours, and shows names in its list. Brackets, so that one
 * number is not the end of another; then which file of how many.
 */
export const nameTag = (envelopeNo: string, part: number, parts: number): string => ` [${envelopeNo} ${part}/${parts}]`;

interface NameTag {
  readonly envelopeNo: string;
  readonly part: number;
  readonly parts: number;
}

/** Our number, as a contract's name shows it. */
export function tagIn(contractName: string | null | undefined): NameTag | undefined {
  const [, envelopeNo, part, parts] = / \[([^[\]]{1,64}) (\d)\/(\d)\]$/.exec(contractName ?? '') ?? [];
  return envelopeNo === undefined ? undefined : { envelopeNo, part: Number(part), parts: Number(parts) };
}

const Opening = contract(
  'esign/anxinsign/opening',
  strict({
    signer: Envelope.schema.properties.signers.items,
    authenticationMode: Type.String(),
    at: Type.String({ format: 'date-time' }),
  }),
);

/** The account under which a company signs. Its person is the one who acts (经办人) and is called by telephone. */
export const toAnxinEnterprise = mapping(
  'esign.anxinsign.open',
  Opening,
  AnxinEnterprise,
  ({ signer: { company, person }, authenticationMode, at }) => ({
    head: headAt(at),
    enterprise: {
      enterpriseName: company.name,
      identTypeCode: '8' as const,
      identNo: company.uscc,
      mobilePhone: person.phone,
      landlinePhone: person.phone,
      authenticationMode,
    },
    enterpriseTransactor: {
      transactorName: person.name,
      identTypeCode: '0' as const,
      identNo: person.idNo,
    },
  }),
  { drops: { '/signer/order': 'the vendor keeps no order: all are asked to sign at once' } },
);

const Upload = contract(
  'esign/anxinsign/upload',
  strict({
    envelope: Envelope.schema,
    /** Accounts of the signers, in their order. */
    userIds: Type.Array(Type.String(), { minItems: 1, maxItems: 50 }),
    /** Which of the files, from 1. */
    part: Type.Integer({ minimum: 1 }),
    at: Type.String({ format: 'date-time' }),
  }),
);

/**
 * The vendor keeps no order of signers: all are asked at once. It is told no deadline: it ends a contract after thirty days.
 *
 * @throws Failure CONTRACT_VIOLATED: what cannot be said to this vendor
 */
export const toAnxinUpload = mapping(
  'esign.anxinsign.start',
  Upload,
  AnxinUpload,
  ({ envelope, userIds, part, at }) => {
    refuseDoubles(envelope);
    refuseBeyondVendor(envelope, at);
    const tag = nameTag(envelope.envelopeNo, part, envelope.documents.length);
    return {
      head: headAt(at),
      uploadContract: {
        isSign: 0 as const,
        contractTypeCode: 'QT' as const,
        contractName: envelope.title.slice(0, nameCharsMax - tag.length) + tag,
        signInfos: envelope.signers.map((_, index) => ({
          userId: required(userIds[index]),
          isProxySign: 0 as const,
        })),
      },
    };
  },
  {
    drops: {
      '/envelope/documents/[]/contentBase64': 'travels beside the message, as a file',
      '/envelope/documents/[]/sha256': 'travels beside the message, as a file',
      '/envelope/signers/[]/company': 'said when the account was opened',
      '/envelope/signers/[]/person': 'said when the account was opened',
    },
  },
);

const ShownEnd = contract(
  'esign/anxinsign/shown-end',
  strict({
    envelopeNo: Type.String(),
    contracts: Type.Array(strict({ contractNo: AnxinContractNo, contractState: Type.Integer() }), {
      minItems: 1,
      maxItems: partsMax,
    }),
    endedAt: Type.String({ pattern: '^\\d{14}$' }),
  }),
);

type Status = Message<typeof EnvelopeFinished>['status'];

/** The worst first: what one contract has become, the envelope has. */
const gravity: readonly Status[] = ['refused', 'revoked', 'expired', 'signing', 'completed'];

export function statusOf(states: readonly number[]): Status {
  const all = states.map((state) => contractStates.of(state, '#/contract/contractState'));
  return gravity.find((status) => all.includes(status)) ?? 'signing';
}

export const toEnvelopeFinished = mapping(
  'esign.anxinsign.envelope-finished',
  ShownEnd,
  EnvelopeFinished,
  ({ envelopeNo, contracts, endedAt }) => ({
    envelopeNo,
    vendorFlowId: flowIdOf(contracts.map(({ contractNo }) => contractNo)),
    status: statusOf(contracts.map(({ contractState }) => contractState)),
    at: endedAt.replace(/^(....)(..)(..)(..)(..)(..)$/, '$1-$2-$3T$4:$5:$6+08:00'),
  }),
);

const nameCharsMax = 100;
const daysOpen = 30;
const dayMs = 86_400_000;
const beijingMs = 8 * 3_600_000;

/** Beijing time, fourteen digits. */
export function txTimeOf(instant: string): string {
  return new Date(Date.parse(instant) + beijingMs).toISOString().replaceAll(/\D/g, '').slice(0, 14);
}

export function headAt(instant: string): { txTime: string; locale: 'zh_CN' } {
  return { txTime: txTimeOf(instant), locale: 'zh_CN' };
}

function refuseBeyondVendor({ envelopeNo, documents, signers, deadline }: Message<typeof Envelope>, at: string): void {
  if (/[[\]]/.test(envelopeNo)) throw vendorLimit('#/envelopeNo', 'must not hold brackets');
  if (documents.length > partsMax) throw vendorLimit('#/documents', `at most ${partsMax} files`);
  signers.forEach(({ company }, index) => {
    if (signers.findIndex((other) => other.company.uscc === company.uscc) !== index)
      throw vendorLimit(`#/signers/${index}/company/uscc`, 'occurs twice');
  });
  if (Date.parse(deadline) > Date.parse(at) + daysOpen * dayMs)
    throw vendorLimit('#/deadline', `the vendor ends a contract after ${daysOpen} days`);
}
