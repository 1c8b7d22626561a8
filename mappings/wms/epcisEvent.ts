/** How the parts of a GS1 EPCIS event are read: its number, whose goods, under which order, which lots. */
import type { Message } from '../../contracts/contract.ts';
import { decimal } from '../../contracts/canonical/money.ts';
import { Failure } from '../../contracts/failures.ts';
import type { EpcisEvent, EpcisObjectEvent } from '../../contracts/wms/epcis.wire.ts';
import { units } from '../codes/units.ts';
import { items } from './epcisCodes.ts';

export type Event = Message<typeof EpcisEvent>;
export type ObjectEvent = Message<typeof EpcisObjectEvent>;
type Quantities = ObjectEvent['quantityList'];

interface Lot {
  readonly lotNo: string;
  readonly materialCode: string;
  readonly quantity: string;
  readonly unit: string;
}

const ownerPattern = /^https:\/\/ns\.lianshu\.example\/party\/([0-9A-Z]{1,64})$/;

/** Whose goods they are. @throws Failure CONTRACT_VIOLATED when nobody's, or two parties' */
export function ownerOf(event: Event): string {
  const uris = [
    ...(event.sourceList ?? []).filter(({ type }) => type === 'owning_party').map(({ source }) => source),
    ...(event.destinationList ?? [])
      .filter(({ type }) => type === 'owning_party')
      .map(({ destination }) => destination),
  ];
  const owner = ownerPattern.exec(uris[0] ?? '')?.[1];
  if (owner === undefined || uris.some((uri) => uri !== uris[0]))
    throw violated('the event names no owning_party, or more than one');
  return owner;
}

export function assertAction(event: ObjectEvent, allowed: readonly string[]): void {
  if (!allowed.includes(event.action)) throw violated(`${event.bizStep} with action ${event.action} says nothing`);
}

/** The hash of an `ni` URI or the UUID: what makes the event this event. */
export function numberOf({ eventID }: Event): string {
  return /^ni:\/\/\/sha-256;([0-9a-f]{64})/.exec(eventID)?.[1] ?? eventID.replace('urn:uuid:', '');
}

const transactionPattern = /^urn:epcglobal:cbv:bt:\d{13}:([^:]{1,64})$/;

/** Our number, under the first of these types that the event has. */
export function transactionOf(event: ObjectEvent, types: readonly string[]): string {
  const list = event.bizTransactionList ?? [];
  const named = types.map((type) => list.filter((each) => each.type === type)).find((each) => each.length > 0) ?? [];
  const no = transactionPattern.exec(named[0]?.bizTransaction ?? '')?.[1];
  if (no === undefined || named.length > 1)
    throw violated(`the event names no business transaction of type ${types.join(' or ')}, or several`);
  return decoded(no);
}

/** The number under which it happened, where it has one. */
export function anyTransactionOf(event: Event): string | undefined {
  if (event.type !== 'ObjectEvent') return undefined;
  const has = (event.bizTransactionList ?? []).some(({ type }) => type === 'desadv' || type === 'po');
  return has ? transactionOf(event, ['desadv', 'po']) : undefined;
}

const lgtinPattern = /^urn:epc:class:lgtin:(\d{1,12}\.\d{1,7})\.([^.:]{1,60})$/;

export function lotOf({ epcClass, quantity, uom }: Quantities[number]): Lot {
  const [, item, lotNo] = lgtinPattern.exec(epcClass) ?? [];
  if (item === undefined || lotNo === undefined) throw violated('an epcClass is no LGTIN: only lots can be pledged');
  const unit = uom ?? 'C62'; // Without a unit, EPCIS counts pieces.
  units.of(unit);
  // Exact: the gate lets no number through that a double would round.
  const exact = decimal(String(quantity), 3);
  return { lotNo: decoded(lotNo), materialCode: items.of(item, '#/epcClass'), quantity: exact, unit };
}

export function changesOf(event: Event) {
  return event.type === 'ObjectEvent'
    ? signed(event.quantityList, '-')
    : [...signed(event.inputQuantityList, '-'), ...signed(event.outputQuantityList, '')];
}

export function signed(list: Quantities, sign: '' | '-') {
  return list.map(lotOf).map(({ quantity, ...lot }) => ({
    ...lot,
    change: quantity === '0.000' ? quantity : `${sign}${quantity}`,
  }));
}

type Side = ReturnType<typeof signed>[number];
type Key = Omit<Side, 'change'>;

export const isSame = (a: Key, b: Key) => a.lotNo === b.lotNo && a.materialCode === b.materialCode && a.unit === b.unit;

export function sumOf(sides: readonly Side[], key: Key): string {
  const sum = sides
    .filter((side) => isSame(side, key))
    .reduce((total, { change }) => total + BigInt(change.replace('.', '')), 0n);
  const digits = (sum < 0n ? -sum : sum).toString().padStart(4, '0');
  return `${sum < 0n ? '-' : ''}${digits.slice(0, -3)}.${digits.slice(-3)}`;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw violated('a URN is not percent-encoded UTF-8');
  }
}

const violated = (detail: string) => new Failure('CONTRACT_VIOLATED', { detail });
