/** Resident identity number (公民身份号码): check digit of GB 11643-1999 (ISO 7064 MOD 11-2), and a date that is one. */
const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const checks = '10X98765432';

/** Eighteen characters: six of the place, eight of the day of birth, three of the order, one to check. */
export function isPersonId(idNo: string): boolean {
  return (
    /^[1-9]\d{16}[\dX]$/.test(idNo) && isDay(idNo.slice(6, 14)) && idNo[17] === personIdCheckDigit(idNo.slice(0, 17))
  );
}

/** The eighteenth character for the first seventeen. */
export function personIdCheckDigit(first17: string): string {
  const sum = weights.reduce((total, weight, i) => total + weight * Number(first17[i]), 0);
  return checks[sum % 11] ?? '';
}

function isDay(text: string): boolean {
  const iso = `${text.slice(0, 4)}-${text.slice(4, 6)}-${text.slice(6)}`;
  const day = new Date(`${iso}T00:00:00Z`);
  return Number(text.slice(0, 4)) >= 1800 && !Number.isNaN(day.getTime()) && day.toISOString().startsWith(iso);
}
