/**
 * Data packages (数据包) between the hub and a funder that has nothing but a folder: what goes out is signed, zipped and encrypted,
 * in one file or in parts; what comes back is a signed receipt (回执) for each package and a signed file of approvals (审批文件) a day.
 *
 * The format is the hub's own proposal, defined here and in docs/partners/bank-package.md: no vendor's document stands behind it.
 * Numbers are texts in decimal digits, never in scientific notation; dictionary-coded fields are those of mappings/bank/package.codes.ts.
 */
import { Type } from 'typebox';
import { Account, Company, Instant, LotQuantity, Sha256Hex, ShortText, Text, Yuan } from '../canonical/primitives.ts';
import { contract, strict } from '../contract.ts';

/** Where files lie, below the address of the system. */
export const folders = { packages: '/out', answers: '/in' } as const;

export const packageKinds = ['CREDIT', 'COLLATERAL', 'REPAYMENT', 'RELEASE', 'FEEDBACK'] as const;
export type PackageKind = (typeof packageKinds)[number];
const Kind = Type.Union(packageKinds.map((kind) => Type.Literal(kind)));

/** A number that stands in names of files; an underscore separates there. */
const number = '[A-Za-z0-9][A-Za-z0-9.-]{0,39}';
export const PackageNumber = contract('bank/package-number', Type.String({ pattern: `^${number}$`, maxLength: 40 }));
export const PackageInstitution = contract(
  'bank/package-institution',
  Type.String({ pattern: '^[A-Za-z0-9]{1,16}$', maxLength: 16 }),
);
export const Sequence = Type.String({ pattern: '^\\d{2}$', maxLength: 2 });
const Count = Type.Integer({ minimum: 0, maximum: 100_000 });
const Bytes = Type.Integer({ minimum: 0, maximum: 8 * 1024 * 1024 });
const FileName = Type.String({ pattern: '^[\\w.-]{1,120}$', maxLength: 120 });

/** What both sides call the package: there is no other reference until the funder decides. */
export const packageNoOf = (no: string): string => `PKG-${no}`;

/** `sequence` counts from 01: the next one when the funder asked to send again; `mark` is the same for the same content. */
export interface PackageName {
  readonly institution: string;
  readonly kind: PackageKind;
  readonly no: string;
  readonly sequence: string;
  readonly mark: string;
}
export const stemOf = ({ institution, kind, no, sequence, mark }: PackageName): string =>
  `PKG_${institution}_${kind}_${no}_${sequence}_${mark}`;
export const wholeSuffix = '.zip.jwe';
export const partsSuffix = '.parts.jws';
export const partName = (stem: string, attempt: string, part: number, of: number): string =>
  `${stem}.${attempt}.p${String(part).padStart(2, '0')}of${String(of).padStart(2, '0')}`;

const packageName = new RegExp(
  `^(PKG_([A-Za-z0-9]{1,16})_(${packageKinds.join('|')})_(${number})_(\\d{2})_([0-9a-f]{16}))(\\.zip\\.jwe|\\.parts\\.jws)$`,
);
/** Of a whole package, or of the list of its parts; nothing for any other file. */
export function packageNameOf(file: string): (PackageName & { stem: string; inParts: boolean }) | undefined {
  const [, stem, institution, kind, no, sequence, mark, suffix] = packageName.exec(file) ?? [];
  if (stem === undefined || institution === undefined || kind === undefined || no === undefined) return undefined;
  if (sequence === undefined || mark === undefined) return undefined;
  return { stem, institution, kind: kind as PackageKind, no, sequence, mark, inParts: suffix === partsSuffix };
}

/** `RCP_<institution>_<kind>_<number>_<sequence of the package>_<nn>.rcp`: a later one takes the place of the earlier. */
export const receiptAbout = ({ institution, kind, no, sequence }: Omit<PackageName, 'mark'>): RegExp =>
  new RegExp(`^RCP_${institution}_${kind}_${no.replaceAll('.', '\\.')}_${sequence}_(\\d{2})\\.rcp$`);
/** `APPROVAL_<institution>_<yyyyMMdd>_<nn>.csv`, and `.sig` written after it. */
export const approvalName = /^APPROVAL_([A-Za-z0-9]{1,16})_(\d{8})_(\d{2})\.csv$/;

/** The `typ` of each signed thing: one made for one purpose is none for another. */
export const purposes = { manifest: 'package-manifest', parts: 'package-parts', receipt: 'package-receipt' } as const;

export const Digits = Type.String({ pattern: '^(0|[1-9]\\d{0,2})$', maxLength: 3 });
export const Day = Type.String({ pattern: '^\\d{8}$', maxLength: 8 });
export const Code = Type.String({ minLength: 1, maxLength: 8 });

/** A package is one record and lists beside it; nothing but what the canonical message has. */
export const PackageCredit = contract(
  'bank/package-credit',
  strict({
    record: strict({
      applicationNo: ShortText,
      product: Code,
      borrower: Company,
      amount: Yuan,
      currency: Code,
      tenorDays: Digits,
      purpose: Text,
      payee: Account,
      order: strict({ orderNo: ShortText, total: Yuan, orderDate: Day }),
      verification: strict({ enterprise: ShortText, agent: ShortText }),
      openItemsTotal: Type.String({ pattern: '^-?\\d{1,15}(\\.\\d{1,2})?$', maxLength: 19 }),
    }),
    goods: Type.Array(
      strict({
        materialCode: ShortText,
        name: Text,
        quantity: Type.String({ maxLength: 16 }),
        unit: Type.String({ maxLength: 3 }),
        unitPrice: Yuan,
      }),
      { minItems: 1, maxItems: 500 },
    ),
    documents: Type.Array(strict({ type: ShortText, name: Text, sha256: Sha256Hex }), { maxItems: 100 }),
  }),
);
const lots = Type.Array(LotQuantity, { minItems: 1, maxItems: 500 });
export const PackageCollateral = contract(
  'bank/package-collateral',
  strict({
    record: strict({
      pledgeNo: ShortText,
      applicationNo: ShortText,
      warehouseReceiptNo: ShortText,
      receiptSha256: Sha256Hex,
      registrationNo: ShortText,
      supervisor: Company,
      value: Yuan,
    }),
    lots,
  }),
);
export const PackageRepayment = contract(
  'bank/package-repayment',
  strict({
    record: strict({
      repaymentNo: ShortText,
      loanNo: ShortText,
      amount: Yuan,
      currency: Code,
      valueDate: Day,
      clearingSerial: ShortText,
      payer: Company,
    }),
  }),
);
export const PackageRelease = contract(
  'bank/package-release',
  strict({
    record: strict({
      releaseNo: ShortText,
      pledgeNo: ShortText,
      loanNo: ShortText,
      repaymentNo: ShortText,
      valueAfter: Yuan,
      exposureAfter: Yuan,
    }),
    lots,
  }),
);

/** The file of the record and its field, the lists and their columns, that are summed as control totals (控制总额). */
export const controls = {
  'credit.json': 'amount',
  'collateral.json': 'value',
  'repayment.json': 'amount',
  'release.json': 'exposureAfter',
  'feedback.json': 'totalAmount',
  'goods.csv': 'unitPrice',
  'lots.csv': 'quantity',
  'amounts.csv': 'amount',
  'quantities.csv': 'quantity',
} as const;
export const listColumns = {
  goods: ['materialCode', 'name', 'quantity', 'unit', 'unitPrice'],
  documents: ['type', 'name', 'sha256'],
  lots: ['lotNo', 'materialCode', 'quantity', 'unit'],
  amounts: ['row', 'no', 'date', 'dueDate', 'amount', 'currency', 'status', 'version'],
  quantities: ['row', 'no', 'orderNo', 'date', 'materialCode', 'quantity', 'unit', 'version'],
} as const;

const whose = { packageNo: ShortText, institution: PackageInstitution.schema, kind: Kind, sequence: Sequence };

/** Clear list (清单) of a package: signed by the hub, the first file in the zip. */
export const PackageManifest = contract(
  'bank/package-manifest',
  strict({
    format: Type.Literal('LIANSHU-PACKAGE-1'),
    ...whose,
    createdAt: Instant,
    encoding: Type.Union([Type.Literal('UTF-8'), Type.Literal('GBK')]),
    files: Type.Array(
      strict({
        name: FileName,
        bytes: Bytes,
        sha256: Sha256Hex,
        records: Count,
        controlTotal: Type.Optional(Type.String({ pattern: '^\\d{1,21}(\\.\\d{2,3})?$', maxLength: 25 })),
      }),
      { minItems: 1, maxItems: 9 },
    ),
    totals: strict({ files: Count, bytes: Bytes, records: Count }),
  }),
);

/** Of a package that travels in parts (分卷): signed, put after all of them, its `.ok` last of all. */
export const PackageParts = contract(
  'bank/package-parts',
  strict({
    format: Type.Literal('LIANSHU-PARTS-1'),
    ...whose,
    name: FileName,
    bytes: Bytes,
    sha256: Sha256Hex,
    parts: Type.Array(strict({ name: FileName, bytes: Bytes, sha256: Sha256Hex }), { minItems: 2, maxItems: 99 }),
  }),
);

/** What the funder read, byte by byte as it read it, and what it says of the package and of each file in it. */
export const PackageReceipt = contract(
  'bank/package-receipt',
  strict({
    format: Type.Literal('LIANSHU-RECEIPT-1'),
    ...whose,
    receiptNo: ShortText,
    receivedAt: Instant,
    code: Code,
    words: Type.Optional(Text),
    read: Type.Array(strict({ name: FileName, sha256: Sha256Hex }), { minItems: 1, maxItems: 99 }),
    files: Type.Array(strict({ name: FileName, code: Code }), { maxItems: 9 }),
  }),
);
