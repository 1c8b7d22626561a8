/** Commands that reach into the sandbox: faults of a counterparty, and its time. */
import { runningHub, sandboxControl } from './running.ts';

export async function fault(
  positionals: readonly string[],
  options: { operation?: string | undefined; times?: string | undefined; clear?: boolean | undefined },
): Promise<number> {
  const twins = await sandboxTwins();
  const [system, kind] = positionals;
  const twin = twins.find((t) => t.name === system);
  if (!twin)
    throw new Error(`没有该系统 no such system: ${system ?? ''}. One of: ${twins.map((t) => t.name).join(', ')}`);
  const url = `${twin.url}/_twin/faults`;
  if (options.clear) await ask(url, 'DELETE');
  else if (kind === undefined)
    throw new Error(
      'which fault? refuse-connection, timeout-before-effect, timeout-after-effect, reset-after-effect, error-500, garbage, slow',
    );
  else
    await ask(url, 'POST', {
      fault: kind,
      ...(options.operation ? { operation: options.operation } : {}),
      ...(options.times ? { times: Number(options.times) } : {}),
    });
  process.stdout.write(`${JSON.stringify(await ask(url, 'GET'), null, 2)}\n`);
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
  process.stdout.write(`${JSON.stringify(await ask(`${url}/v1/clock`, 'GET'), null, 2)}\n`);
  return 0;
}

async function sandboxTwins(): Promise<{ name: string; url: string }[]> {
  const { home } = await runningHub();
  const control = sandboxControl(home);
  if (!control) throw new Error('该平台未连接沙箱 this hub runs without a sandbox');
  const about = (await ask(control, 'GET')) as { twins: { name: string; url: string }[] };
  return about.twins;
}

async function ask(url: string, method: string, body?: object): Promise<unknown> {
  const answer = await fetch(url, {
    method,
    ...(body ? { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } } : {}),
    signal: AbortSignal.timeout(10_000),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(text);
  return text === '' ? {} : (JSON.parse(text) as unknown);
}
