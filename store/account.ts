/**
 * As whom PostgreSQL runs. It refuses to run as root; a hub started by root (a container, a fresh machine) therefore
 * starts it as `nobody`, and where `nobody` may not walk into the folders, with the single capability to do so.
 */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

export interface Account {
  /** Who must own the data; undefined when it is simply the user of this process. */
  readonly owner?: { readonly uid: number; readonly gid: number };
  launch(command: string, args: readonly string[]): Launch;
}

interface Launch {
  readonly command: string;
  readonly args: string[];
  readonly identity: { uid?: number; gid?: number };
}

const setprivPaths = ['/usr/bin/setpriv', '/bin/setpriv', '/usr/sbin/setpriv'];
const bitDacOverride = 1n;
const bitDacReadSearch = 2n;
const bitSetpcap = 8n;

export function chooseAccount(binaries: readonly string[], folder: string): Account {
  if (process.getuid?.() !== 0) {
    return { launch: (command, args) => ({ command, args: [...args], identity: {} }) };
  }
  const owner = nobody();
  const closed = [...binaries, folder].flatMap((path) => parents(path)).find((path) => !othersMay(path, 0o1));
  const unreadable = binaries.find((path) => !othersMay(path, 0o5));
  if (!closed && !unreadable) {
    return { owner, launch: (command, args) => ({ command, args: [...args], identity: owner }) };
  }
  const setpriv = setprivPaths.find((path) => existsSync(path));
  // Walking and reading is enough unless the program files themselves are closed: only the other one may execute.
  const wanted = unreadable ? [bitDacOverride] : [bitDacReadSearch, bitDacOverride];
  const capability = wanted.find((bit) => mayPassOn(bit));
  if (!setpriv || capability === undefined) throw new Error(closedFolder(closed ?? unreadable ?? folder));
  const flags = setprivFlags(owner, capability);
  return {
    owner,
    launch: (command, args) => ({
      command: setpriv,
      args: [...flags, command, ...args],
      identity: {},
    }),
  };
}

function setprivFlags(owner: { uid: number; gid: number }, capability: bigint): string[] {
  const name = capability === bitDacOverride ? 'dac_override' : 'dac_read_search';
  return [
    `--reuid=${owner.uid}`,
    `--regid=${owner.gid}`,
    '--clear-groups',
    `--inh-caps=+${name}`,
    `--ambient-caps=+${name}`,
    // Without it the kernel hides the capability from access(2), by which initdb and postgres look for themselves.
    '--securebits=+no_setuid_fixup',
  ];
}

function nobody(): { uid: number; gid: number } {
  const passwd = existsSync('/etc/passwd') ? readFileSync('/etc/passwd', 'utf8') : '';
  const [uid, gid] = (/^nobody:[^:]*:(\d+):(\d+):/m.exec(passwd) ?? []).slice(1).map(Number);
  return uid && gid ? { uid, gid } : { uid: 65_534, gid: 65_534 };
}

function parents(path: string): string[] {
  const parent = dirname(path);
  return parent === path ? [] : [parent, ...parents(parent)];
}

function othersMay(path: string, bits: number): boolean {
  return (statSync(path).mode & bits) === bits;
}

/** A container may have dropped capabilities: those in the bounding set are the ones that can be handed on. */
function mayPassOn(bit: bigint): boolean {
  const status = existsSync('/proc/self/status') ? readFileSync('/proc/self/status', 'utf8') : '';
  const mask = BigInt(`0x${/^CapBnd:\s*([0-9a-f]+)/m.exec(status)?.[1] ?? '0'}`);
  return [bit, bitSetpcap].every((wanted) => (mask >> wanted) & 1n);
}

function closedFolder(path: string): string {
  return (
    `PostgreSQL does not run as root, and the user "nobody" may not enter ${path}. ` +
    `Either clone into a folder that others may enter (chmod o+x), or start as another user than root, ` +
    `or set DATABASE_URL to a PostgreSQL server of your own.`
  );
}
