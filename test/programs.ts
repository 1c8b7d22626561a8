/**
 * Programs of others that some tests hold ours against. Where one is missing its tests are skipped and say why; in CI they
 * fail, since an interoperability that nobody tried is none.
 */
import { execFileSync } from 'node:child_process';
import { describe, test } from '@jest/globals';

/** `test` and `describe` for what needs the program; `is` are arguments under which it ends well when it is there, and whole. */
export function needing(program: string, is: readonly string[], install: string) {
  try {
    execFileSync(program, is, { stdio: 'ignore' });
    return { test, describe };
  } catch {
    process.stdout.write(`there is no ${program} (apt-get install ${install}): skipped\n`);
    return process.env['CI'] === undefined ? { test: test.skip, describe: describe.skip } : { test, describe };
  }
}

export const needingOpenssl = () => needing('openssl', ['version'], 'openssl');
export const needingXmllint = () => needing('xmllint', ['--version'], 'libxml2-utils');
