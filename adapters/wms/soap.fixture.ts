/** One good message for each operation of the hub's SOAP service, as a client would write it, and what is needed to post it by hand. */
import { createHash, randomBytes } from 'node:crypto';

const lot = { lotNo: 'PC00000001', materialCode: 'HRB400E-12' };
const lots = { lot: [{ ...lot, quantity: '1200.500', unit: 'TNE' }] };
const keeper = { name: '厦门链枢云仓有限公司', uscc: '91350200MA36000F5T' };
const depositor = { name: '福建闽江钢材有限公司', uscc: '91350100MA32000B1T' };
const at = '2026-11-24T09:00:00+08:00';
const place = { warehouseCode: 'XM01', ownerCode: depositor.uscc };

/** In the order of the schema. */
export const contents = {
  NotifyInbound: { noticeNo: 'RKTZ-1', receiptNo: 'RKQR-1', warehouseCode: 'XM01', final: true, receivedAt: at, lots },
  ConfirmControl: {
    pledgeNo: 'ZY-1',
    supervisor: keeper,
    confirmedAt: at,
    lots,
    receipt: {
      receiptNo: 'CD-1',
      depositor,
      goods: '螺纹钢 HRB400E 12mm',
      lots,
      quality: '合格，随附质量证明书 & <见附件>',
      packaging: '捆扎，标识清晰',
      lossStandard: '自然损耗不超过 0.3%',
      storagePlace: '厦门链枢云仓 1 号库 𠀀',
      storageFrom: at,
      storageTo: '2027-11-24T09:00:00+08:00',
      storageFee: '0.30 元/吨·天',
      issuer: keeper,
      issuedAt: at,
      sealSha256: 'ab'.repeat(32),
    },
  },
  NotifyOutbound: { releaseNo: 'FH-1', outboundNo: 'CKQR-1', outboundAt: at, lots, weighTicket: 'BD-1' },
  ReportStockCount: {
    countNo: 'PD-1',
    reportNo: 'PDQR-1',
    ...place,
    countedAt: at,
    lots: { lot: [{ ...lot, counted: '1198.000', book: '1200.500', unit: 'TNE', reason: 'counted' }] },
  },
  ReportStockChange: {
    changeNo: 'YD-1',
    ...place,
    changedAt: at,
    reason: 'lotChanged',
    orderNo: 'HB-1',
    sequence: '18',
    lots: {
      lot: [
        { ...lot, change: '-1000.500', unit: 'TNE' },
        { ...lot, lotNo: 'PC00000002', change: '1000.5', unit: 'TNE' },
      ],
    },
  },
};
export type Operation = keyof typeof contents;

const wss = 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss';

export function token(username: string, password: string, how: { at?: Date; nonce?: Buffer } = {}): string {
  const nonce = how.nonce ?? randomBytes(16);
  const created = (how.at ?? new Date()).toISOString();
  const digest = createHash('sha1').update(nonce).update(created).update(password).digest('base64');
  return (
    `<wsse:Security xmlns:wsse="${wss}-wssecurity-secext-1.0.xsd" xmlns:wsu="${wss}-wssecurity-utility-1.0.xsd"><wsse:UsernameToken>` +
    `<wsse:Username>${username}</wsse:Username><wsse:Password Type="${wss}-username-token-profile-1.0#PasswordDigest">${digest}</wsse:Password>` +
    `<wsse:Nonce>${nonce.toString('base64')}</wsse:Nonce><wsu:Created>${created}</wsu:Created></wsse:UsernameToken></wsse:Security>`
  );
}

/** The element of the body, by hand. */
export function payload(operation: Operation, content: object = contents[operation]): string {
  return elementOf(operation, content).replace(`<${operation}`, `<${operation} xmlns="urn:lianshu:wms:1"`);
}

export function envelope(header: string, body: string): string {
  return `<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Header>${header}</soap:Header><soap:Body>${body}</soap:Body></soap:Envelope>`;
}

function elementOf(name: string, value: unknown): string {
  if (Array.isArray(value)) return value.map((each) => elementOf(name, each)).join('');
  const inside =
    typeof value === 'object' && value !== null
      ? Object.entries(value)
          .map(([field, each]) => elementOf(field, each))
          .join('')
      : String(value).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return `<${name}>${inside}</${name}>`;
}
