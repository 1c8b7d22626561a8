/**
 * What a warehouse that calls in tells the hub over SOAP: the content of each element of `soap/wms.xsd`, with `lots/lot` as a
 * list. The protocol is ours, and the file that partners get is that one: a test holds the two against each other, document
 * by document (adapters/wms/soapSchema.test.ts). The order of the fields is the order of the elements.
 */
import { Type } from 'typebox';
import { contract, strict } from '../contract.ts';

export const soapNamespace = 'urn:lianshu:wms:1';
export const problemNamespace = 'urn:lianshu:problem:1';

const plain = '^[^\\p{Cc}\\p{Cf}\\p{Z}]([^\\p{Cc}]*[^\\p{Cc}\\p{Cf}\\p{Z}])?$';
const Code = Type.String({ minLength: 1, maxLength: 64, pattern: plain });
const Words = Type.String({ minLength: 1, maxLength: 500, pattern: plain });
const Name = Type.String({ minLength: 2, maxLength: 100, pattern: plain });
const Uscc = Type.String({ pattern: '^[0-9A-HJ-NPQRTUWXY]{18}$', maxLength: 18 });
const Sha256 = Type.String({ pattern: '^[0-9a-f]{64}$', maxLength: 64 });
const Quantity = Type.String({ pattern: '^(0|[1-9]\\d{0,11})(\\.\\d{1,3})?$', maxLength: 16 });
const Change = Type.String({ pattern: '^-?(0|[1-9]\\d{0,11})(\\.\\d{1,3})?$', maxLength: 17 });
const Unit = Type.Enum(['TNE', 'KGM', 'MTQ', 'C62']);
/** XML Schema has four spellings of two values. */
const Boolean = Type.Enum(['true', 'false', '1', '0']);
const Instant = Type.String({
  format: 'date-time',
  pattern: '^2\\d{3}-\\d{2}-\\d{2}T([01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d(\\.\\d{1,9})?(Z|[+-](0\\d|1[0-3]):[0-5]\\d)$',
  maxLength: 35,
});
const Sequence = Type.String({ pattern: '^(0|[1-9]\\d{0,17})$', maxLength: 18 });
const Reason = Type.Enum([
  'counted',
  'damaged',
  'shrunk',
  'transferred',
  'processed',
  'lotChanged',
  'unitChanged',
  'statusChanged',
  'corrected',
  'other',
]);
const some = { minItems: 1, maxItems: 500 };

const Company = strict({ name: Name, uscc: Uscc });
const of = { lotNo: Code, materialCode: Code };
const Lots = Type.Array(strict({ ...of, quantity: Quantity, unit: Unit }), some);

export const SoapNotifyInbound = contract(
  'wms/soap-notify-inbound',
  strict({
    noticeNo: Code,
    receiptNo: Code,
    warehouseCode: Code,
    final: Boolean,
    receivedAt: Instant,
    lots: Lots,
  }),
);

export const SoapConfirmControl = contract(
  'wms/soap-confirm-control',
  strict({
    pledgeNo: Code,
    supervisor: Company,
    confirmedAt: Instant,
    lots: Lots,
    receipt: strict({
      receiptNo: Code,
      depositor: Company,
      goods: Words,
      lots: Lots,
      quality: Words,
      packaging: Words,
      lossStandard: Words,
      storagePlace: Words,
      storageFrom: Instant,
      storageTo: Instant,
      storageFee: Words,
      issuer: Company,
      issuedAt: Instant,
      sealSha256: Sha256,
    }),
  }),
);

export const SoapNotifyOutbound = contract(
  'wms/soap-notify-outbound',
  strict({
    releaseNo: Code,
    outboundNo: Code,
    outboundAt: Instant,
    lots: Lots,
    weighTicket: Type.Optional(Code),
  }),
);

export const SoapReportStockCount = contract(
  'wms/soap-report-stock-count',
  strict({
    countNo: Code,
    reportNo: Code,
    warehouseCode: Code,
    ownerCode: Code,
    countedAt: Instant,
    lots: Type.Array(
      strict({ ...of, counted: Quantity, book: Quantity, unit: Unit, reason: Type.Optional(Reason) }),
      some,
    ),
  }),
);

export const SoapReportStockChange = contract(
  'wms/soap-report-stock-change',
  strict({
    changeNo: Code,
    warehouseCode: Code,
    ownerCode: Code,
    changedAt: Instant,
    reason: Reason,
    orderNo: Type.Optional(Code),
    sequence: Type.Optional(Sequence),
    lots: Type.Array(strict({ ...of, change: Change, unit: Unit }), some),
  }),
);
