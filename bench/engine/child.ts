/**
 * A contender in a process of its own, so that one's heap and compiled code do not burden the other. It is asked one
 * line of JSON at a time on its stdin and answers on its stdout; see answer.ts for the other end.
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export interface Child {
  readonly pid: number;
  /** @throws Error with what the child said, or when it ends before it answers */
  ask<T>(question: string, params?: object): Promise<T>;
  /** Lets it end in order; kills it when it does not. */
  stop(): Promise<void>;
}

interface Open {
  readonly done: (value: unknown) => void;
  readonly fail: (reason: Error) => void;
}

const stopMs = 15_000;
/** Of the libraries that are measured, not ours to mend; stderr is for progress. */
const quiet = ['--disable-warning=ExperimentalWarning', '--disable-warning=DeprecationWarning'];

/** `script` is a path below `bench/`. */
export async function startChild(script: string, setting: object): Promise<Child> {
  const path = join(import.meta.dirname, '..', script);
  const started = spawn(process.execPath, [...quiet, path], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const open = new Map<number, Open>();
  let asked = 0;
  const failAll = (reason: Error) => {
    for (const { fail } of open.values()) fail(reason);
    open.clear();
  };
  const ended = new Promise<void>((done) => started.once('close', () => done()));
  started.once('error', failAll);
  void ended.then(() => failAll(new Error(`${script} ended before it answered`)));
  // A child that is gone is told by `close`; writing to it must not end this process.
  started.stdin.on('error', () => undefined);
  createInterface({ input: started.stdout }).on('line', (line) => {
    const said = JSON.parse(line) as { id: number; value?: unknown; problem?: string };
    const { done, fail } = open.get(said.id) ?? {};
    open.delete(said.id);
    if (said.problem === undefined) done?.(said.value);
    else fail?.(new Error(`${script}: ${said.problem}`));
  });
  const child: Child = {
    pid: started.pid ?? 0,
    ask: <T>(question: string, params: object = {}) =>
      new Promise<T>((done, fail) => {
        if (started.exitCode !== null || started.signalCode !== null) return fail(new Error(`${script} has ended`));
        const id = (asked += 1);
        open.set(id, { done: (value) => done(value as T), fail });
        started.stdin.write(`${JSON.stringify({ id, question, params })}\n`);
      }),
    async stop() {
      const late = setTimeout(() => started.kill('SIGKILL'), stopMs);
      await child.ask('stop').catch(() => undefined);
      started.stdin.end();
      await ended;
      clearTimeout(late);
    },
  };
  try {
    await child.ask('open', setting);
  } catch (thrown) {
    await child.stop();
    throw thrown;
  }
  return child;
}
