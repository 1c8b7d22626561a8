/**
 * The gateway's number of an instruction. It must begin with seventeen digits yyyyMMddHHmmssSSS, and it must be the same
 * in every attempt, so it cannot come from a clock: a second number for the same instruction would be a second payment.
 *
 * `RP20261123-000001` becomes `20261123000000001RP`: its date, its sequence as the millisecond of that day (a day has
 * 86 400 000 of them, the sequence ends at 999 999), then its prefix. That can be read back, so notices find their run.
 */
import { Failure } from '../../contracts/failures.ts';

/** @throws Failure CONTRACT_VIOLATED when the number is not prefix, date, hyphen, six digits: before a byte is sent */
export function txSnOf(instructionNo: string): string {
  const [, prefix = '', date = '', sequence = ''] = /^([A-Z]{1,12})(\d{8})-(\d{6})$/.exec(instructionNo) ?? [];
  if (!isDate(date)) {
    throw new Failure('CONTRACT_VIOLATED', {
      detail: 'CPCN takes instruction numbers of letters, date yyyyMMdd, hyphen and six digits only',
      errors: [{ pointer: '#/instructionNo', code: 'pattern', detail: 'must be like RP20261123-000001' }],
    });
  }
  return `${date}${timeOfDay(Number(sequence))}${prefix}`;
}

/** A receiver's part of a collection: the number of the collection and two digits. */
export function splitTxSnOf(instructionNo: string, partNo: number): string {
  return `${txSnOf(instructionNo)}${String(partNo).padStart(2, '0')}`;
}

/** The way back. @throws Failure CONTRACT_VIOLATED when it is no number of ours */
export function instructionNoOf(txSn: string): string {
  const [, date = '', time = '', prefix = ''] = /^(\d{8})(\d{9})([A-Z]{1,12})$/.exec(txSn) ?? [];
  const sequence = msOfDay(time);
  if (!isDate(date) || sequence > sequenceMax || timeOfDay(sequence) !== time) {
    throw new Failure('CONTRACT_VIOLATED', { detail: 'the TxSN is none of ours' });
  }
  return `${prefix}${date}-${String(sequence).padStart(6, '0')}`;
}

const sequenceMax = 999_999;

function timeOfDay(ms: number): string {
  return new Date(ms).toISOString().slice(11, 23).replaceAll(/[:.]/g, '');
}

function msOfDay(hhmmssSSS: string): number {
  const [hours, minutes, seconds, ms] = [
    hhmmssSSS.slice(0, 2),
    hhmmssSSS.slice(2, 4),
    hhmmssSSS.slice(4, 6),
    hhmmssSSS.slice(6),
  ].map(Number);
  return (((hours ?? 0) * 60 + (minutes ?? 0)) * 60 + (seconds ?? 0)) * 1000 + (ms ?? 0);
}

function isDate(yyyyMMdd: string): boolean {
  const iso = `${yyyyMMdd.slice(0, 4)}-${yyyyMMdd.slice(4, 6)}-${yyyyMMdd.slice(6)}`;
  const date = new Date(`${iso}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(iso); // 30 February is another day to Date.
}
