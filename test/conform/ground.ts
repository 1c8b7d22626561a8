/** One dialect before its counterparty, with the proxy between them and an ear at what the counterparty posts. */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { adapter, type Dialect, type Outcome } from '../../adapters/adapter.ts';
import type { Kind } from '../../contracts/kind.ts';
import type { EffectLine } from '../../sandbox/effects.ts';
import type { TwinContext, TwinSpec } from '../../sandbox/twin.ts';
import { bench, type Bench, type Fact } from '../adapter.ts';
import { FileProxy } from './fileProxy.ts';
import { Proxy } from './proxy.ts';
import { SmtpProxy } from './smtpProxy.ts';
import type { Posted, Subject, TwinKeys } from './subject.ts';

const deadlineMs = 10_000;
/** Whatever happens, an operation of a few requests has ended by then. */
const endsWithinMs = 4 * deadlineMs;
/** An operation whose one request has the short deadline: before the long one would end it. */
const shortlyWithinMs = 9_000;

/** Keys are the dear part: one enrolment of each side for the process, and one of a stranger. */
const enrolments = new WeakMap<Subject, { keys: Keys; strangers: Keys }>();
type Keys = ReturnType<TwinSpec<object>['enrol']>;

function enrolled(subject: Subject): { keys: Keys; strangers: Keys } {
  const before = enrolments.get(subject);
  if (before) return before;
  const made = { keys: subject.twin.enrol(), strangers: subject.twin.enrol() };
  enrolments.set(subject, made);
  return made;
}

interface Held {
  readonly posted: Posted;
  readonly at: number;
}

export class Ground {
  readonly subject: Subject;
  readonly proxy: AnyProxy;
  readonly bench: Bench;
  readonly keys: Keys;
  readonly strangers: Keys;
  /** What the counterparty wanted to post while it was held back, oldest first. */
  readonly held: Held[];
  readonly #tap: Tap;

  private constructor(parts: { subject: Subject; proxy: AnyProxy; bench: Bench; tap: Tap }) {
    const { subject, proxy, bench, tap } = parts;
    ({ keys: this.keys, strangers: this.strangers } = enrolled(subject));
    this.subject = subject;
    this.proxy = proxy;
    this.bench = bench;
    this.held = tap.held;
    this.#tap = tap;
  }

  static async open(subject: Subject, dialect: Dialect<Kind> = subject.dialect): Promise<Ground> {
    const { keys, strangers } = enrolled(subject);
    const tap = new Tap();
    const spec = tap.on(subject.twin, () => keys);
    const service = adapter({ kind: subject.kind, dialects: { [subject.vendor]: dialect } });
    const running = await bench(service, spec, { speed: subject.speed ?? 1 });
    const told = { keys: keys.twin, strangerKeys: strangers.twin };
    const proxy = await proxyFor(subject, tap.folder, { ...told, target: running.system.url });
    // Asked anew for each request: only the one that breaks goes elsewhere, or has little time.
    const direct = running.system.url;
    const ground = new Ground({ subject, proxy, bench: running, tap });
    Object.defineProperty(running.system, 'url', { get: () => proxy.url || direct });
    Object.defineProperty(running.system, 'timeoutMs', {
      get: () => (proxy.nextIsFaulty ? (ground.hurriedMs ?? deadlineMs) : deadlineMs),
    });
    return ground;
  }

  /** The deadline of the request that breaks, where only a deadline ends it. */
  hurriedMs: number | undefined;

  async stop(): Promise<void> {
    this.#tap.hold = false;
    await this.proxy.stop();
    await this.bench.stop();
  }

  /** @throws Error when it does not end: a dialect without a deadline */
  async call(operation: string, request: unknown): Promise<Outcome> {
    if (!this.proxy.nextIsFaulty) this.proxy.begin();
    const limitMs = this.hurriedMs === undefined ? endsWithinMs : shortlyWithinMs;
    const late = new AbortController();
    try {
      return await Promise.race([
        this.bench.call(`${this.subject.kind.name}.${operation}`, request),
        sleep(limitMs, undefined, { signal: late.signal }).then(() => {
          throw new Error(`${operation} did not end within ${limitMs} ms`);
        }),
      ]);
    } finally {
      late.abort();
    }
  }

  /** The response of an operation that must be confirmed, for what a case stands on. */
  async confirmed(operation: string, request: unknown): Promise<never> {
    const outcome = await this.call(operation, request);
    if (outcome.outcome !== 'confirmed') throw new Error(`${operation} to begin with: ${JSON.stringify(outcome)}`);
    return outcome.response as never;
  }

  /** Its people act. What they post may be held back, and then the act fails: that is no news. */
  async act(name: string, args: object = {}): Promise<void> {
    try {
      await this.bench.control('POST', `acts/${name}`, args);
    } catch (thrown) {
      if (!this.#tap.hold) throw thrown;
    }
  }

  async effects(kind: string, number: string): Promise<EffectLine[]> {
    return (await this.bench.effects()).filter((line) => line.kind === kind && line.number === number);
  }

  get facts(): readonly Fact[] {
    return this.bench.facts;
  }

  /** From now on what the counterparty posts is kept, and it hears nothing. */
  holdPosts(): void {
    this.held.length = 0;
    this.#tap.hold = true;
  }

  letPosts(): void {
    this.#tap.hold = false;
  }

  /** The newest post that is meant; the counterparty tries again and again. */
  async heldPost(is: (posted: Posted) => boolean, withinMs = 5_000): Promise<Posted> {
    const until = Date.now() + withinMs;
    for (;;) {
      const found = this.held.findLast(({ posted }) => is(posted));
      if (found) return found.posted;
      if (Date.now() > until) throw new Error(`the counterparty told nothing; held: ${this.held.length} posts`);
      await sleep(5);
    }
  }

  /** To the hub's edge, as anybody could. */
  async post({ method, path, headers, body }: Posted): Promise<{ status: number; body: Buffer }> {
    const reply = await fetch(this.bench.edge + path, {
      method,
      headers,
      ...(method === 'GET' ? {} : { body: new Uint8Array(body) }),
      redirect: 'manual',
    });
    return { status: reply.status, body: Buffer.from(await reply.arrayBuffer()) };
  }
}

type AnyProxy = Proxy | FileProxy | SmtpProxy;

/** Between the dialect and its counterparty, as that one is met. */
function proxyFor(
  { files: exchange, smtp, answerSeal: seal, framing }: Subject,
  folder: string,
  { target, ...told }: { target: string; keys: TwinKeys; strangerKeys: TwinKeys },
): Promise<AnyProxy> {
  if (exchange) return FileProxy.start({ ...told, exchange, root: join(folder, exchange.root) });
  if (smtp) return SmtpProxy.start({ ...told, target, user: smtp.user });
  return Proxy.start(target, { ...told, seal, framing });
}

/** Stands between a counterparty's people and the hub. */
class Tap {
  hold = false;
  /** Where the counterparty keeps its files, when it exchanges some. */
  folder = '';
  readonly held: Held[] = [];

  on(twin: TwinSpec<object>, enrol: () => Keys): TwinSpec<object> {
    const acts = Object.entries(twin.acts).map(([name, act]) => [
      name,
      (args: Record<string, unknown>, context: TwinContext<object>) => act(args, this.#heard(context)),
    ]);
    const { listen } = twin;
    const listening: Partial<TwinSpec<object>> = listen
      ? {
          listen: (context, ...rest) => {
            this.folder = context.folder;
            return listen(context, ...rest);
          },
        }
      : {};
    return { ...twin, ...listening, enrol, acts: Object.fromEntries(acts) as TwinSpec<object>['acts'] };
  }

  #heard(context: TwinContext<object>): TwinContext<object> {
    return {
      ...context,
      post: (request) => {
        const { method = 'POST', path, headers } = request;
        if (!this.hold) return context.post(request);
        this.held.push({ posted: { method, path, headers, body: Buffer.from(request.body) }, at: Date.now() });
        return Promise.reject(new Error('held back'));
      },
    };
  }
}
