/** What stands at the registry's pages from the first day on, and who was called otherwise once. */
import { earlierRegistrations } from './earlier.ts';

export interface Entry {
  readonly registrationNo: string;
  readonly debtorName: string;
  readonly securedParty: string;
  readonly amendCode: string;
  readonly registeredMs: number;
  readonly expiresMs: number;
  description: string;
  ended: boolean;
}

/** Those of others, as `provider` knows them too: it is one registry. */
export function othersEntries(): Record<string, Entry> {
  return earlierRegistrations();
}

/** From the companies' register (工商登记): present name, former names. */
const renamed: Readonly<Record<string, readonly string[]>> = { 漳州金阳物资有限公司: ['漳州金阳贸易有限公司'] };

export function formerNames(name: string): readonly string[] {
  return Object.hasOwn(renamed, name) ? (renamed[name] ?? []) : [];
}
