/** The content of an act as people may see it: with the contract of the call that it is about, personal data masked. */
import { mask } from '../contracts/mask.ts';
import type { ActRow } from '../engine/acts/kinds.ts';
import type { Pictures } from './pictures.ts';

export function maskedBody(pictures: Pictures, { body }: Pick<ActRow, 'body'>): object {
  const { path } = body as { path?: string };
  if (path === undefined) return body;
  const operation = path.slice(path.lastIndexOf('/') + 1).replace(/#\d+$/, '');
  const { request, answer } = pictures.contracts(operation);
  const shown = Object.entries(body).map(([name, value]) => {
    if (name === 'request') return [name, mask(request, value)];
    if (name === 'response' || name === 'output') return [name, mask(answer, value)];
    return [name, value];
  });
  return Object.fromEntries(shown) as object;
}
