/** What every service of Tencent Cloud (API 3.0) may answer in `Response.Error.Code`; each service has codes of its own besides. */
import type { FailureCode } from '../../contracts/failures.ts';

export const tencentErrors = {
  ActionOffline: 'SYSTEM_REFUSED',
  'AuthFailure.InvalidAuthorization': 'SYSTEM_REFUSED',
  'AuthFailure.InvalidSecretId': 'SYSTEM_REFUSED',
  'AuthFailure.MFAFailure': 'SYSTEM_REFUSED',
  'AuthFailure.SecretIdNotFound': 'SYSTEM_REFUSED',
  'AuthFailure.SignatureExpire': 'SYSTEM_REFUSED', // More than five minutes from their clock.
  'AuthFailure.SignatureFailure': 'SYSTEM_REFUSED',
  'AuthFailure.TokenFailure': 'SYSTEM_REFUSED',
  'AuthFailure.UnauthorizedOperation': 'SYSTEM_REFUSED',
  FailedOperation: 'OUTCOME_UNKNOWN', // Says that it failed, not how far it came.
  InternalError: 'OUTCOME_UNKNOWN',
  InvalidAction: 'SYSTEM_REFUSED',
  InvalidParameter: 'SYSTEM_REFUSED',
  InvalidParameterValue: 'SYSTEM_REFUSED',
  InvalidRequest: 'SYSTEM_REFUSED',
  IpInBlacklist: 'SYSTEM_REFUSED',
  IpNotInWhitelist: 'SYSTEM_REFUSED',
  LimitExceeded: 'SYSTEM_REFUSED', // A quota of ours: it does not come back within minutes.
  MissingParameter: 'SYSTEM_REFUSED',
  NoSuchProduct: 'SYSTEM_REFUSED',
  NoSuchVersion: 'SYSTEM_REFUSED',
  RequestLimitExceeded: 'SYSTEM_BUSY', // Too many in a second: not taken.
  'RequestLimitExceeded.GlobalRegionUinLimitExceeded': 'SYSTEM_BUSY',
  'RequestLimitExceeded.IPLimitExceeded': 'SYSTEM_BUSY',
  'RequestLimitExceeded.UinLimitExceeded': 'SYSTEM_BUSY',
  RequestSizeLimitExceeded: 'SYSTEM_REFUSED',
  ResourceInUse: 'SYSTEM_REFUSED',
  ResourceInsufficient: 'SYSTEM_REFUSED',
  ResourceNotFound: 'SYSTEM_REFUSED',
  ResourceUnavailable: 'SYSTEM_REFUSED',
  ResponseSizeLimitExceeded: 'OUTCOME_UNKNOWN', // It was done, and cannot be told.
  ServiceUnavailable: 'OUTCOME_UNKNOWN',
  UnauthorizedOperation: 'SYSTEM_REFUSED',
  UnknownParameter: 'SYSTEM_REFUSED',
  UnsupportedOperation: 'SYSTEM_REFUSED',
  UnsupportedProtocol: 'SYSTEM_REFUSED',
  UnsupportedRegion: 'SYSTEM_REFUSED',
} as const satisfies Record<string, FailureCode>;
