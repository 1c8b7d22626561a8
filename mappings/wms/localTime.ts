/** Times as Chinese warehouse systems write them: `yyyy-MM-dd HH:mm:ss` in GMT+8, without saying so. */
import { Failure } from '../../contracts/failures.ts';

/** An instant as local time; parts of a second are cut, so a deadline never becomes later. */
export function localTimeOf(instant: string): string {
  const ms = Date.parse(instant);
  if (Number.isNaN(ms)) throw violated('not an instant');
  return new Date(ms + shanghaiOffsetMs).toISOString().slice(0, 19).replace('T', ' ');
}

/** Local time as an instant. @throws Failure CONTRACT_VIOLATED when there is no such time */
export function instantOf(local: string): string {
  const text = `${local.replace(' ', 'T')}+08:00`;
  if (Number.isNaN(Date.parse(text)) || localTimeOf(text) !== local) throw violated(`there is no such time`);
  return text;
}

const shanghaiOffsetMs = 8 * 3_600_000;

const violated = (detail: string) => new Failure('CONTRACT_VIOLATED', { detail });
