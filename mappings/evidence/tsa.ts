/** Canonical time-stamping (时间戳) to and from RFC 3161, and what an authority's status permits to conclude. */
import type { Message } from '../../contracts/contract.ts';
import { Stamp, Stamped } from '../../contracts/evidence/evidence.ts';
import { TsaRequest, TsaStatus, TsaToken } from '../../contracts/evidence/tsa.wire.ts';
import { Failure, type FailureCode } from '../../contracts/failures.ts';
import { mapping } from '../../contracts/mapping.ts';
import { codeTable, unmapped } from '../codes/codeTable.ts';

/** Without a token; where a failure bit says more, it decides. */
export const tsaStatuses = codeTable('evidence.tsa.status', 'RFC 3161, section 2.4.2: PKIStatus', {
  '0': 'granted',
  '1': 'granted', // with modifications: the token is held against the request all the same
  '2': 'SYSTEM_REFUSED', // rejection
  '3': 'SYSTEM_BUSY', // waiting: no token yet
  '4': 'SYSTEM_REFUSED', // revocationWarning: the authority's certificate is about to be revoked
  '5': 'SYSTEM_REFUSED', // revocationNotification
} satisfies Record<string, FailureCode | 'granted'>);

/** By the number of the bit. */
export const tsaFailures = codeTable('evidence.tsa.failure', 'RFC 3161, section 2.4.2: PKIFailureInfo', {
  '0': 'SYSTEM_REFUSED', // badAlg
  '2': 'SYSTEM_REFUSED', // badRequest
  '5': 'SYSTEM_REFUSED', // badDataFormat
  '14': 'SYSTEM_BUSY', // timeNotAvailable: its clock is not in step
  '15': 'SYSTEM_REFUSED', // unacceptedPolicy
  '16': 'SYSTEM_REFUSED', // unacceptedExtension
  '17': 'SYSTEM_REFUSED', // addInfoNotAvailable
  '25': 'SYSTEM_BUSY', // systemFailure
} satisfies Record<string, FailureCode>);

export const tsaRequestOf = mapping(
  'evidence.tsa.request',
  Stamp,
  TsaRequest,
  ({ headSha256 }) => ({
    hashAlgorithm: '2.16.840.1.101.3.4.2.1' as const,
    hashedMessage: headSha256,
    certReq: true as const,
  }),
  { drops: { '/anchorNo': 'the authority is told a digest and nothing of what it is of' } },
);

/** @throws Failure as the tables say; EXT_CODE_UNMAPPED (unknown) for any other status or bit */
export function acceptTsaStatus(said: Message<typeof TsaStatus>): void {
  const { status, failure } = TsaStatus.check(said);
  const row = tsaStatuses.of(status, '/status');
  if (row === 'granted') return;
  const finer = failure === undefined ? undefined : tsaFailures.find(failure);
  if (failure !== undefined && finer === undefined) throw unmapped(tsaFailures.name, failure, '/failInfo');
  const externalCode = failure === undefined ? status : `${status}/${failure}`;
  throw new Failure(finer ?? row, {
    detail: `the time-stamp authority says status ${status}${failure === undefined ? '' : `, failure bit ${failure}`}`,
    externalCode,
  });
}

export const stampedOf = mapping('evidence.tsa.stamped', TsaToken, Stamped, (token) => ({
  anchorNo: token.anchorNo,
  token: token.token,
  serialNo: token.serialNumber,
  genTime: instantOf(token.genTime),
  ...(token.accuracy ? { accuracyMs: millisecondsOf(token.accuracy) } : {}),
  policy: token.policy,
}));

function instantOf(generalizedTime: string): string {
  return generalizedTime.replace(/^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)/, '$1-$2-$3T$4:$5:$6');
}

/** Rounded up: an accuracy is a promise that it is no worse. */
function millisecondsOf({
  seconds = 0,
  millis = 0,
  micros = 0,
}: {
  seconds?: number;
  millis?: number;
  micros?: number;
}) {
  return seconds * 1_000 + millis + (micros > 0 ? 1 : 0);
}
