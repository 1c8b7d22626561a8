/** Text messages (短信) to and from Tencent Cloud SMS: templates, what became of sending, and what the operator reports. */
import type { Static } from 'typebox';
import { Failure, type FailureCode } from '../../contracts/failures.ts';
import { mapping } from '../../contracts/mapping.ts';
import { MessageSent, notify, SmsDelivery, SmsMessage, SmsQuestion } from '../../contracts/notify/notify.ts';
import { SmsAsked, SmsPull, SmsRow, SmsSend, SmsStatuses } from '../../contracts/notify/sms.wire.ts';
import { codeTable } from '../codes/codeTable.ts';
import { tencentErrors } from '../codes/tencentErrors.ts';
import { valuesFor } from './templates.ts';

/** Of the call (`Response.Error.Code`) or of the one message in it (`SendStatusSet[0].Code`): the vendor has one list for both. */
export const smsCodes = codeTable('notify.sms.code', 'Tencent Cloud SMS: error codes (382/59177) and SDK v20210111', {
  Ok: 'sent',
  ...tencentErrors,
  'FailedOperation.ContainSensitiveWord': 'SYSTEM_REFUSED',
  'FailedOperation.FailResolvePacket': 'SYSTEM_REFUSED',
  'FailedOperation.ForbidAddMarketingTemplates': 'SYSTEM_REFUSED',
  'FailedOperation.InsufficientBalanceInSmsPackage': 'SYSTEM_REFUSED',
  'FailedOperation.JsonParseFail': 'SYSTEM_REFUSED',
  'FailedOperation.MarketingSendTimeConstraint': 'SYSTEM_REFUSED',
  'FailedOperation.MissingSignature': 'SYSTEM_REFUSED',
  'FailedOperation.NotEnterpriseCertification': 'SYSTEM_REFUSED',
  'FailedOperation.OtherError': 'OUTCOME_UNKNOWN',
  'FailedOperation.ParametersOtherError': 'SYSTEM_REFUSED',
  'FailedOperation.PhoneNumberInBlacklist': 'SYSTEM_REFUSED', // He does not want any.
  'FailedOperation.PhoneNumberParseFail': 'SYSTEM_REFUSED',
  'FailedOperation.ProhibitSubAccountUse': 'SYSTEM_REFUSED',
  'FailedOperation.SignatureIncorrectOrUnapproved': 'SYSTEM_REFUSED',
  'FailedOperation.TemplateIncorrectOrUnapproved': 'SYSTEM_REFUSED',
  'FailedOperation.TemplateParamSetNotMatchApprovedTemplate': 'SYSTEM_REFUSED',
  'FailedOperation.TemplateUnapprovedOrNotExist': 'SYSTEM_REFUSED',
  'InternalError.OtherError': 'OUTCOME_UNKNOWN',
  'InternalError.RequestTimeException': 'SYSTEM_REFUSED', // The clock.
  'InternalError.RestApiInterfaceNotExist': 'SYSTEM_REFUSED',
  'InternalError.SendAndRecvFail': 'OUTCOME_UNKNOWN',
  'InternalError.SigFieldMissing': 'SYSTEM_REFUSED',
  'InternalError.SigVerificationFail': 'SYSTEM_REFUSED',
  'InternalError.Timeout': 'OUTCOME_UNKNOWN',
  'InternalError.UnknownError': 'OUTCOME_UNKNOWN',
  'InvalidParameterValue.BeginTimeVerifyFail': 'SYSTEM_REFUSED',
  'InvalidParameterValue.ContentLengthLimit': 'SYSTEM_REFUSED',
  'InvalidParameterValue.IncorrectPhoneNumber': 'SYSTEM_REFUSED',
  'InvalidParameterValue.LimitVerifyFail': 'SYSTEM_REFUSED',
  'InvalidParameterValue.OffsetVerifyFail': 'SYSTEM_REFUSED',
  'InvalidParameterValue.ProhibitedUseUrlInTemplateParameter': 'SYSTEM_REFUSED',
  'InvalidParameterValue.SdkAppIdNotExist': 'SYSTEM_REFUSED',
  'InvalidParameterValue.TemplateParameterFormatError': 'SYSTEM_REFUSED',
  'InvalidParameterValue.TemplateParameterLengthLimit': 'SYSTEM_REFUSED',
  'LimitExceeded.AppCountryOrRegionDailyLimit': 'SYSTEM_REFUSED',
  'LimitExceeded.AppCountryOrRegionInBlacklist': 'SYSTEM_REFUSED',
  'LimitExceeded.AppDailyLimit': 'SYSTEM_REFUSED', // Limits of an hour or a day do not end within the engine's patience.
  'LimitExceeded.AppGlobalDailyLimit': 'SYSTEM_REFUSED',
  'LimitExceeded.AppMainlandChinaDailyLimit': 'SYSTEM_REFUSED',
  'LimitExceeded.DailyLimit': 'SYSTEM_REFUSED',
  'LimitExceeded.DeliveryFrequencyLimit': 'SYSTEM_BUSY',
  'LimitExceeded.PhoneNumberCountLimit': 'SYSTEM_REFUSED',
  'LimitExceeded.PhoneNumberDailyLimit': 'SYSTEM_REFUSED',
  'LimitExceeded.PhoneNumberOneHourLimit': 'SYSTEM_REFUSED',
  'LimitExceeded.PhoneNumberSameContentDailyLimit': 'SYSTEM_REFUSED',
  'LimitExceeded.PhoneNumberThirtySecondLimit': 'SYSTEM_BUSY',
  'MissingParameter.EmptyPhoneNumberSet': 'SYSTEM_REFUSED',
  'UnauthorizedOperation.IndividualUserMarketingSmsPermissionDeny': 'SYSTEM_REFUSED',
  'UnauthorizedOperation.RequestIpNotInWhitelist': 'SYSTEM_REFUSED',
  'UnauthorizedOperation.RequestPermissionDeny': 'SYSTEM_REFUSED',
  'UnauthorizedOperation.SdkAppIdIsDisabled': 'SYSTEM_REFUSED',
  'UnauthorizedOperation.SerivceSuspendDueToArrears': 'SYSTEM_REFUSED', // Spelled so by the vendor.
  'UnauthorizedOperation.SmsSdkAppIdVerifyFail': 'SYSTEM_REFUSED',
  'UnsupportedOperation.ContainDomesticAndInternationalPhoneNumber': 'SYSTEM_REFUSED',
  'UnsupportedOperation.UnsuportedRegion': 'SYSTEM_REFUSED', // Spelled so too.
} satisfies Record<string, FailureCode | 'sent'>);

/** The operators' own codes (`DELIVRD`, `MK:0001` …) are theirs to extend: only these two decide. */
export const smsReports = codeTable(
  'notify.sms.report',
  'Tencent Cloud SMS: delivery report (382/5807), report_status',
  {
    SUCCESS: 'delivered',
    FAIL: 'failed',
  },
);

export const smsSendOf = mapping('notify.sms.send', SmsMessage, SmsSend, ({ messageNo, phone, template, params }) => ({
  PhoneNumberSet: [`+86${phone}`],
  TemplateParamSet: valuesFor(template, params),
  SessionContext: messageNo,
}));

/** @throws Failure as `smsCodes` says; EXT_CODE_UNMAPPED (unknown) for any other code */
export const smsSentOf = mapping(
  'notify.sms.sent',
  SmsStatuses,
  MessageSent,
  ({ SendStatusSet: [status] }) => {
    if (!status) throw new Failure('OUTCOME_UNKNOWN', { detail: 'no status of the message' });
    mustBeSent(status.Code, status.Message ?? '');
    if (status.SerialNo === undefined)
      throw new Failure('OUTCOME_UNKNOWN', { detail: 'sent, and under no serial number' });
    return { messageNo: status.SessionContext, vendorMessageId: status.SerialNo };
  },
  { drops: { '/SendStatusSet/[]/PhoneNumber': 'the dialect holds it against the request' } },
);

/** @throws Failure unless it says that the message was sent */
export function mustBeSent(code: string, words: string): void {
  const found = smsCodes.find(code) ?? 'EXT_CODE_UNMAPPED';
  if (found === 'sent') return;
  throw new Failure(found, {
    detail: `${code} ${words.slice(0, shownChars).replaceAll(/\p{Cc}/gu, ' ')}`,
    externalCode: code,
  });
}

/** The vendor's clock and ours may differ. */
const marginSeconds = 600;

export const smsPullOf = mapping(
  'notify.sms.pull',
  SmsQuestion,
  SmsPull,
  ({ phone, sentAt }) => ({
    BeginTime: Math.floor(Date.parse(sentAt) / 1_000) - marginSeconds,
    Offset: 0 as const,
    Limit: 100 as const,
    PhoneNumber: `+86${phone}`,
  }),
  { drops: { '/messageNo': 'the rows of the number are searched for it' } },
);

export const smsDeliveryOf = mapping(
  'notify.sms.delivery',
  SmsRow,
  SmsDelivery,
  (row) => ({
    messageNo: row.SessionContext ?? '',
    vendorMessageId: row.SerialNo,
    status: smsReports.of(row.ReportStatus, '#/ReportStatus'),
    detail: (row.Description ?? '').slice(0, shownChars),
    at: new Date(row.UserReceiveTime * 1_000).toISOString(),
  }),
  { drops: { '/PhoneNumber': 'whose telephone it is the message does not say again' } },
);

type Enquiry = Static<typeof notify.operations.readSmsDelivery.response.schema>;

/** Sent more than once, it has arrived when one of them has. */
export const smsEnquiryOf = mapping(
  'notify.sms.enquiry',
  SmsAsked,
  notify.operations.readSmsDelivery.response,
  ({ messageNo, rows }): Enquiry => {
    const found = rows.filter(({ SessionContext: session }) => session === messageNo).map((row) => smsDeliveryOf(row));
    const response = found.find(({ status }) => status === 'delivered') ?? found.at(-1);
    return response ? { outcome: 'confirmed', response } : { outcome: 'pending' };
  },
  {
    drops: { '/rows/[]/PhoneNumber': 'whose telephone it is the message does not say again' },
    leaves: {
      '/<outcome=refused>': 'a message that was not taken has no row',
      '/<outcome=notFound>': 'that there is no row says nothing of whether it was sent',
    },
  },
);

const shownChars = 200;
