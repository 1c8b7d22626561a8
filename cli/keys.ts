/** `keys`: which keys the hub has towards whom, what each is for and until when. Nothing of the keys themselves. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { isFailure } from '../contracts/failures.ts';
import { type KeyView, keyViews } from '../adapters/crypto/keyFiles.ts';
import { homeFolder } from './home.ts';
import { readSetup } from './setup.ts';

export interface KeysOptions {
  readonly json: boolean;
  readonly home?: string;
}

/** 0: all may be used now or later; 1: one has expired or cannot be read. */
export function keys({ json, home = homeFolder() }: KeysOptions): number {
  let views: KeyView[];
  try {
    views = keyViews(join(home, 'keys'), systemsOf(home), Date.now());
  } catch (thrown) {
    if (!isFailure(thrown)) throw thrown;
    process.stderr.write(`${thrown.message}\n`);
    return 1;
  }
  process.stdout.write(json ? `${JSON.stringify(views)}\n` : views.map(line).join('') || '没有密钥 no keys\n');
  return views.every(({ standing }) => standing === 'valid' || standing === 'future') ? 0 : 1;
}

/** Those that are registered, for keys of the environment, and those that keys were laid for. */
function systemsOf(home: string): string[] {
  const file = join(home, 'setup.json');
  const registered = existsSync(file) ? readSetup(file).systems.map(({ id }) => id) : [];
  const folder = join(home, 'keys');
  const laid = existsSync(folder) ? readdirSync(folder) : [];
  return [...new Set([...registered, ...laid])].toSorted();
}

function line({ system, name, id, purpose, standing, notBefore, notAfter, daysLeft, fingerprint }: KeyView): string {
  const time = notBefore === null && notAfter === null ? '' : `${dayOf(notBefore)}..${dayOf(notAfter)}`;
  const left = daysLeft === null ? '' : `${daysLeft} 天 days`;
  const columns = [
    system.padEnd(20),
    (id === null ? name : `${name}@${id}`).padEnd(24),
    purpose.padEnd(7),
    standing.padEnd(11),
    time.padEnd(23),
    left.padEnd(13),
    fingerprint?.slice(0, 16) ?? '',
  ];
  return `${columns.join(' ').trimEnd()}\n`;
}

function dayOf(time: string | null): string {
  return time?.slice(0, 10) ?? '';
}
