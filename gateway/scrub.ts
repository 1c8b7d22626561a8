/** Free text of a counterparty may name people: numbers that look like a person's, a phone's or an account's are masked. */

const resident = /(?<![0-9A-Za-z])\d{17}[\dXx](?![0-9A-Za-z])/g;
const account = /(?<![0-9A-Za-z])\d{16,19}(?![0-9A-Za-z])/g;
const phone = /(?<![0-9A-Za-z])1[3-9]\d{9}(?![0-9A-Za-z])/g;
const charsMax = 500;

export function scrubbed(text: string): string {
  return text
    .slice(0, charsMax)
    .replace(resident, (no) => `${no.slice(0, 3)}***********${no.slice(-4)}`)
    .replace(account, (no) => `************${no.slice(-4)}`)
    .replace(phone, (no) => `${no.slice(0, 3)}****${no.slice(-4)}`);
}
