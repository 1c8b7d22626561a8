/** Where keys lie, and what is said of each: its id, what it is for, from when to when. Their text is read when it is used. */
import { createHash, createPublicKey, X509Certificate } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Failure } from '../../contracts/failures.ts';
import { parseJson } from '../../contracts/gate/json.ts';

export type Form = 'pem' | 'txt';
export type KeyPurpose = 'sign' | 'verify' | 'wrap' | 'secret';

export interface KeyFile {
  readonly name: string;
  readonly form: Form;
  readonly id: string | undefined;
  /** What its `.json` says; undefined when it says nothing. */
  readonly purpose: KeyPurpose | undefined;
  readonly notBefore: Date | undefined;
  /** The last moment. */
  readonly notAfter: Date | undefined;
  readonly text: () => string;
}

/** For people: nothing of the key itself. */
export interface KeyView {
  readonly system: string;
  readonly name: string;
  readonly id: string | null;
  readonly purpose: KeyPurpose;
  readonly notBefore: string | null;
  readonly notAfter: string | null;
  readonly daysLeft: number | null;
  readonly standing: Standing;
  /** Of the public half: SHA-256 over its SPKI. None of a secret: from it a short one could be guessed. */
  readonly fingerprint: string | null;
}

interface Wanted {
  readonly name: string;
  readonly form: Form;
}

export type Standing = 'valid' | 'future' | 'expired' | 'unreadable';

const purposes: readonly unknown[] = ['sign', 'verify', 'wrap', 'secret'];
const filePattern = /^(?<name>[^@]+)(?:@(?<id>[\w.-]+))?\.(?<form>pem|txt)$/;
const dayMs = 86_400_000;

/** Newest first; those without a beginning are the oldest. What the environment gives stands in for all files of that name. */
export function keyFilesOf(folder: string, system: string, wanted?: Wanted): KeyFile[] {
  if (wanted !== undefined) {
    const given = fromEnvironment(system, wanted);
    if (given !== undefined) return [given];
  }
  const home = join(folder, system, 'hub');
  const files = filesIn(home).filter(({ name, form }) => !wanted || (name === wanted.name && form === wanted.form));
  return files
    .map((file) => described(system, home, file))
    .sort((a, b) => beginningOf(b) - beginningOf(a) || ((a.id ?? '') < (b.id ?? '') ? 1 : -1));
}

export function standingOf({ notBefore, notAfter }: KeyFile, nowMs: number): Exclude<Standing, 'unreadable'> {
  if (notBefore !== undefined && nowMs < notBefore.getTime()) return 'future';
  return notAfter !== undefined && nowMs > notAfter.getTime() ? 'expired' : 'valid';
}

/** The keys of these systems as an operator sees them, in the files and in the environment. */
export function keyViews(folder: string, systems: readonly string[], nowMs: number): KeyView[] {
  const variables = Object.keys(process.env).filter((name) => name.startsWith(variablePrefix));
  const laid = systems.flatMap((system) =>
    keyFilesOf(folder, system)
      .filter(({ name }) => process.env[variableOf(system, name)] === undefined)
      .map((file) => viewOf(system, file, nowMs)),
  );
  const given = variables.flatMap((variable) => {
    const [system] = systems
      .filter((each) => variable.startsWith(variableOf(each, '')))
      .sort((a, b) => b.length - a.length);
    return system === undefined ? [] : [viewOf(system, ofVariable(variable, formOf(variable)), nowMs)];
  });
  return [...laid, ...given];
}

const variablePrefix = 'LIANSHU_KEY_';

function variableOf(system: string, name: string): string {
  return `${variablePrefix}${system}_${name}`.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_');
}

function fromEnvironment(system: string, { name, form }: Wanted): KeyFile | undefined {
  const variable = variableOf(system, name);
  return process.env[variable] === undefined ? undefined : { ...ofVariable(variable, form), name };
}

function ofVariable(variable: string, form: Form): KeyFile {
  const text = () => process.env[variable] ?? '';
  const times = form === 'pem' ? certified(text()) : timeless;
  return { name: variable, id: undefined, form, purpose: undefined, ...times, text };
}

function formOf(variable: string): Form {
  return process.env[variable]?.includes('-----BEGIN') === true ? 'pem' : 'txt';
}

interface Laid {
  readonly name: string;
  readonly id: string | undefined;
  readonly form: Form;
}

function filesIn(home: string): Laid[] {
  let names: string[];
  try {
    names = readdirSync(home);
  } catch {
    return []; // What is asked for is then missing, and said to be.
  }
  return names.flatMap((file) => {
    const { name, id, form } = filePattern.exec(file)?.groups ?? {};
    return name === undefined ? [] : [{ name, id, form: form === 'pem' ? 'pem' : 'txt' } as const];
  });
}

function described(system: string, home: string, { name, id, form }: Laid): KeyFile {
  const stem = join(home, id === undefined ? name : `${name}@${id}`);
  const text = () => readFileSync(`${stem}.${form}`, 'utf8');
  const said = saidOf(system, stem);
  const own = form === 'pem' ? certified(text()) : timeless;
  return { name, form, id: said.id ?? id, purpose: said.purpose, ...own, ...said.times, text };
}

interface Said {
  readonly id?: string;
  readonly purpose: KeyPurpose | undefined;
  readonly times: Partial<Times>;
}

interface Times {
  readonly notBefore: Date | undefined;
  readonly notAfter: Date | undefined;
}

const timeless: Times = { notBefore: undefined, notAfter: undefined };

/** Of the `.json` beside a key. @throws Failure KEY_NOT_ADMITTED: what is written wrong must not pass for saying nothing */
function saidOf(system: string, stem: string): Said {
  let bytes: Buffer;
  try {
    bytes = readFileSync(`${stem}.json`);
  } catch {
    return { purpose: undefined, times: {} };
  }
  try {
    const { id, purpose, notBefore, notAfter, ...others } = parseJson(bytes) as Record<string, unknown>;
    const isId = id === undefined || (typeof id === 'string' && /^[\w.-]+$/.test(id));
    const isPurpose = purpose === undefined || purposes.includes(purpose);
    if (!isId || !isPurpose || Object.keys(others).length > 0) throw new Error('a field is not understood');
    return {
      ...(id === undefined ? {} : { id }),
      purpose: purpose as KeyPurpose | undefined,
      times: {
        ...(notBefore === undefined ? {} : { notBefore: dateOf(notBefore) }),
        ...(notAfter === undefined ? {} : { notAfter: dateOf(notAfter) }),
      },
    };
  } catch {
    const detail = `${system}: ${basename(stem)}.json must hold id, purpose (sign, verify, wrap, secret), notBefore and notAfter (ISO 8601 with a zone), each optional`;
    throw new Failure('KEY_NOT_ADMITTED', { detail });
  }
}

function dateOf(value: unknown): Date {
  const date = new Date(
    typeof value === 'string' && /^\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)$/.test(value) ? value : NaN,
  );
  if (Number.isNaN(date.getTime())) throw new Error('not a time');
  return date;
}

/** A certificate says itself from when to when. */
function certified(text: string): Times {
  if (!text.includes('-----BEGIN CERTIFICATE-----')) return timeless;
  try {
    const { validFromDate, validToDate } = new X509Certificate(text);
    return { notBefore: validFromDate, notAfter: validToDate };
  } catch {
    return timeless; // Whoever uses it is told that it cannot be read.
  }
}

function beginningOf({ notBefore }: KeyFile): number {
  return notBefore?.getTime() ?? -Infinity;
}

function viewOf(system: string, file: KeyFile, nowMs: number): KeyView {
  const { name, id, notBefore, notAfter } = file;
  const fingerprint = file.form === 'txt' ? null : fingerprintOf(file);
  return {
    system,
    name,
    id: id ?? null,
    purpose: file.purpose ?? purposeOf(file),
    notBefore: notBefore?.toISOString() ?? null,
    notAfter: notAfter?.toISOString() ?? null,
    daysLeft: notAfter === undefined ? null : Math.floor((notAfter.getTime() - nowMs) / dayMs),
    standing: fingerprint === undefined ? 'unreadable' : standingOf(file, nowMs),
    fingerprint: fingerprint ?? null,
  };
}

function purposeOf({ form, text }: KeyFile): KeyPurpose {
  if (form === 'txt') return 'secret';
  return text().includes('PRIVATE KEY') ? 'sign' : 'verify';
}

function fingerprintOf({ text }: KeyFile): string | undefined {
  try {
    const spki = createPublicKey(text()).export({ format: 'der', type: 'spki' });
    return createHash('sha256').update(spki).digest('hex');
  } catch {
    return undefined;
  }
}
