/** What others registered before the hub came, and the registry's calendar. */
import type { RegistrationEntry } from './provider.twin.ts';

const beijingOffsetMs = 8 * 3_600_000;

/** `yyyy-MM-dd HH:mm:ss` in Beijing. */
export function beijing(epochMs: number): string {
  return new Date(epochMs + beijingOffsetMs).toISOString().slice(0, 19).replace('T', ' ');
}

/** The same day and time so many months later, in Beijing; the last of the month when there is no such day. */
export function monthsLater(epochMs: number, months: number): number {
  const local = new Date(epochMs + beijingOffsetMs);
  const day = local.getUTCDate();
  local.setUTCDate(1);
  local.setUTCMonth(local.getUTCMonth() + months);
  const lastDay = new Date(Date.UTC(local.getUTCFullYear(), local.getUTCMonth() + 1, 0)).getUTCDate();
  local.setUTCDate(Math.min(day, lastDay));
  return local.getTime() - beijingOffsetMs;
}

/**
 * Debtors (出质人) who are found in a search from the first day on: 泉州海峡建材 with leased machines, which has nothing to do
 * with its goods; 沙箱在先登记贸易 with a warehouse receipt; and 漳州金阳贸易, which is now called 漳州金阳物资: a search by
 * the present name does not find it.
 */
export function earlierRegistrations(): Record<string, RegistrationEntry> {
  const entries = [
    earlier(
      '2025031800012345',
      'A00500',
      '泉州海峡建材有限公司',
      '沙箱融资租赁有限公司',
      '门座式起重机 2 台，设备编号 QZ-0071、QZ-0072',
      '2025-03-18T10:20:30+08:00',
    ),
    earlier(
      '2026060900054321',
      'A00400',
      '沙箱在先登记贸易有限公司',
      '沙箱商业银行厦门分行',
      '电子仓单 EWR-SANDBOX-0001 项下螺纹钢 300.000 吨',
      '2026-06-09T15:01:02+08:00',
    ),
    earlier(
      '2024110100067890',
      'A00100',
      '漳州金阳贸易有限公司',
      '沙箱商业银行漳州分行',
      '发票号 24352000000012345678 项下应收账款',
      '2024-11-01T09:00:00+08:00',
    ),
  ];
  return Object.fromEntries(entries.map((entry) => [entry.registrationNo, entry]));
}

function earlier(
  registrationNo: string,
  businessType: string,
  debtorName: string,
  securedParty: string,
  description: string,
  at: string,
): RegistrationEntry {
  const registeredMs = Date.parse(at);
  const expiresMs = monthsLater(registeredMs, 36);
  return {
    registrationNo,
    businessType,
    debtorName,
    securedParty,
    amendCode: '00000000',
    registeredMs,
    expiresMs,
    description,
    ended: false,
  };
}

/** Somebody registers a warehouse receipt now, for a year, before the hub does. */
export function earlierEntry(
  entry: Pick<RegistrationEntry, 'registrationNo' | 'debtorName' | 'securedParty' | 'description'>,
  nowMs: number,
): RegistrationEntry {
  const expiresMs = monthsLater(nowMs, 12);
  return { ...entry, businessType: 'A00400', amendCode: '00000000', registeredMs: nowMs, expiresMs, ended: false };
}
