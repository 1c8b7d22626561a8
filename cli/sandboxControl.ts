/** Commands that reach into the sandbox: its counterparties, what they hold and did, their faults, and its time. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { projectFolder } from './home.ts';
import { runningHub, sandboxControl } from './running.ts';

interface Twin {
  readonly name: string;
  readonly kind: string;
  readonly title: { readonly zh: string; readonly en: string };
  readonly url: string;
  /** Where its control is, when its own address speaks no HTTP. */
  readonly control?: string;
}

/** What a counterparty's control says of it. */
interface State {
  readonly magic: readonly { readonly where: string; readonly value: string; readonly effect: string }[];
  readonly can: readonly string[];
  readonly memory: object;
  readonly acts: readonly object[];
}

const durations = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1_000 } as const;

export async function fault(
  positionals: readonly string[],
  options: {
    operation?: string | undefined;
    times?: string | undefined;
    for?: string | undefined;
    clear?: boolean | undefined;
    json?: boolean | undefined;
  },
): Promise<number> {
  const [system, kind] = positionals;
  const url = `${controlOf(await twinNamed(system))}/faults`;
  if (options.clear) await ask(url, 'DELETE');
  else if (kind !== undefined)
    await ask(url, 'POST', {
      fault: kind,
      ...(options.operation === undefined ? {} : { operation: options.operation }),
      ...(options.times === undefined ? {} : { times: timesIn(options.times) }),
      ...(options.for === undefined ? {} : { forMs: durationIn(options.for) }),
    });
  show(await ask(url, 'GET'), options.json);
  return 0;
}

/** `twin`: all of them. `twin <system>`: what it holds. `twin <system> effects`: what it did. `twin <system> <act> [field=value ...]`: one of its people acts. */
export async function twin(
  positionals: readonly string[],
  options: { json?: boolean | undefined; magic?: boolean | undefined; write?: boolean | undefined },
): Promise<number> {
  if (options.magic) return magicOfAll(options);
  const [system, what, ...fields] = positionals;
  if (system === undefined) {
    const all = await sandboxTwins();
    if (options.json) show(all, true);
    else
      for (const { name, title, url } of all)
        process.stdout.write(`${name.padEnd(22)}${url.padEnd(32)}${title.zh}  ${title.en}\n`);
    return 0;
  }
  const found = await twinNamed(system);
  const control = controlOf(found);
  if (what === undefined) {
    const state = (await ask(`${control}/state`, 'GET')) as State;
    if (options.json) show(state, true);
    else describe(found, state);
  } else if (what === 'effects') show(await ask(`${control}/effects`, 'GET'), options.json);
  else show(await ask(`${control}/acts/${encodeURIComponent(what)}`, 'POST', argsIn(fields)), options.json);
  return 0;
}

export async function clock(args: readonly string[]): Promise<number> {
  const { url } = await runningHub();
  const [verb, amount] = args;
  if (verb === 'advance') {
    const [, count, unit] = /^(\d+)([dhm])$/.exec(amount ?? '') ?? [];
    if (count === undefined || unit === undefined)
      throw new Error('推进多久？ how far? for example: clock advance 30d, 2h, 15m');
    await ask(`${url}/v1/sandbox/clock`, 'POST', { advance: `${Number(count)}${unit}` });
  } else if (verb !== undefined) throw new Error(`没有该操作 no such act: ${verb}. Try: clock advance 30d`);
  show(await ask(`${url}/v1/clock`, 'GET'), false);
  return 0;
}

/** In a process of its own: what the twins are is theirs, and nothing here imports it. */
function magicOfAll(options: { json?: boolean | undefined; write?: boolean | undefined }): Promise<number> {
  const flags = [...(options.json ? ['--json'] : []), ...(options.write ? ['--write'] : [])];
  const child = spawn(process.execPath, [join(projectFolder, 'sandbox', 'magic.ts'), ...flags], { stdio: 'inherit' });
  return new Promise((done, fail) => {
    child.once('error', fail);
    child.once('exit', (code) => done(code ?? 1));
  });
}

/** What one can do with it first, then what it holds. */
function describe({ name, title, url }: Twin, { magic, can, memory, acts }: State): void {
  const say = (line: string) => void process.stdout.write(`${line}\n`);
  say(`${name}  ${title.zh}  ${title.en}  ${url}`);
  say(`\n特殊值 magic values${magic.length === 0 ? '：无 none' : ''}`);
  for (const { where, value, effect } of magic) say(`  ${where}  ${value}\n      ${effect}`);
  say(`\n人员动作 what its people can do\n  ${can.join(', ')}\n\n内存与待办 what it holds, and has ahead`);
  show({ memory, acts }, false);
}

function show(value: unknown, oneLine: boolean | undefined): void {
  process.stdout.write(`${oneLine ? JSON.stringify(value) : JSON.stringify(value, null, 2)}\n`);
}

function timesIn(text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text))
    throw new Error('--times 须为正整数 is a whole number of requests, for example: --times 3');
  return Number(text);
}

function durationIn(text: string): number {
  const [, count, unit] = /^([1-9]\d{0,5})([dhms])$/.exec(text) ?? [];
  if (count === undefined || unit === undefined)
    throw new Error('--for 须为时长 is how long it lasts, for example: --for 30s, 2m, 1h');
  return Number(count) * durations[unit as keyof typeof durations];
}

/** `orderNo=45… status=B on=false`: text as people type it, yes and no as such; `kilograms:=12.5`: JSON. */
function argsIn(fields: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(
    fields.map((field) => {
      const [, name = '', sign, text = ''] = /^(\w+)(:?=)([\s\S]*)$/.exec(field) ?? [];
      if (sign === undefined) throw new Error(`请写成 字段=值 write field=value, not: ${field}`);
      return [name, sign === '=' ? (answers[text] ?? text) : jsonIn(field, text)];
    }),
  );
}

const answers: Readonly<Record<string, boolean>> = { true: true, false: false };

function jsonIn(field: string, text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new Error(`:= 之后须为 JSON what follows := is JSON, for example kilograms:=12.5, not: ${field}`);
  }
}

const controlOf = ({ control, url }: Twin) => `${control ?? url}/_twin`;

async function twinNamed(system: string | undefined): Promise<Twin> {
  const twins = await sandboxTwins();
  const found = twins.find(({ name }) => name === system);
  if (!found)
    throw new Error(`没有该系统 no such system: ${system ?? ''}. One of: ${twins.map(({ name }) => name).join(', ')}`);
  return found;
}

async function sandboxTwins(): Promise<Twin[]> {
  const { home } = await runningHub();
  const control = sandboxControl(home);
  if (!control) throw new Error('该平台未连接沙箱 this hub runs without a sandbox');
  const about = (await ask(control, 'GET')) as { twins: Twin[] };
  return about.twins;
}

async function ask(url: string, method: string, body?: object): Promise<unknown> {
  const answer = await fetch(url, {
    method,
    ...(body ? { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } } : {}),
    signal: AbortSignal.timeout(10_000),
  }).catch((thrown: unknown) => {
    throw new Error(`沙箱未应答 the sandbox did not answer at ${url}: ${String(thrown)}`);
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(wordsIn(text));
  return text === '' ? {} : (JSON.parse(text) as unknown);
}

/** What a control said that it cannot do, and what it can. */
function wordsIn(text: string): string {
  try {
    const { error, acts } = JSON.parse(text) as { error?: string; acts?: string[] };
    return `${error ?? text}${acts ? `. One of: effects, ${acts.join(', ')}` : ''}`;
  } catch {
    return text;
  }
}
