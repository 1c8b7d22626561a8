/** Asks the running hub over its own edge, as an operator's tool does. */
import { userInfo } from 'node:os';
import { runningHub } from './running.ts';

export async function askHub(path: string, body?: object): Promise<unknown> {
  const { url } = await runningHub();
  const answer = await fetch(`${url}${path}`, {
    method: body ? 'POST' : 'GET',
    headers: { 'accept-language': 'en', ...(body ? { 'content-type': 'application/json' } : {}) },
    ...(body ? { body: JSON.stringify(body) } : {}),
    signal: AbortSignal.timeout(30_000),
  });
  const text = await answer.text();
  if (answer.ok) return text === '' ? {} : (JSON.parse(text) as unknown);
  const { detail, title, errors } = JSON.parse(text) as {
    detail?: string;
    title?: string;
    errors?: { pointer: string; detail: string }[];
  };
  const fields = (errors ?? []).map((error) => `\n  ${error.pointer}: ${error.detail}`).join('');
  throw new Error(`${detail ?? title ?? text}${fields}`);
}

/** Who acts: as told, or the user of this machine. */
export function whoActs(by: string | undefined): string {
  return by ?? userInfo().username;
}

export function needed(value: string | undefined, what: string): string {
  if (value === undefined) throw new Error(`缺少参数 missing: ${what}`);
  return value;
}

export function parsedBody(text: string | undefined): object | undefined {
  if (text === undefined) return undefined;
  const body: unknown = JSON.parse(text);
  if (typeof body !== 'object' || body === null) throw new Error('--body is a JSON object');
  return body;
}

export function print(json: boolean, value: unknown, lines: readonly string[]): number {
  process.stdout.write(json ? `${JSON.stringify(value, null, 2)}\n` : lines.map((line) => `${line}\n`).join(''));
  return 0;
}
