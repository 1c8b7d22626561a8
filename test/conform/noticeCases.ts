/** The cases of one notice: told once, told again, told by others, and everything that only looks like it. */
import type { Notice } from '../../contracts/kind.ts';
import type { Fact } from '../adapter.ts';
import { type Case, type Group, must, mustBeSober, mustEqual, shown } from './case.ts';
import type { Ground } from './ground.ts';
import type { NoticeSeal, NoticeSubject, Posted, Subject } from './subject.ts';

export function noticeGroup(subject: Subject, name: string): Group {
  const notice = subject.kind.notices[name] as Notice | undefined;
  const told = subject.notices[name];
  const seal = subject.noticeSeal;
  if (!notice || !told || !seal) throw new Error(`${subject.kind.name}/${subject.vendor} has no subject for ${name}`);
  const trial = new NoticeTrial(notice, told, seal);
  return { name, what: 'notice', cases: [...genuine(trial, told), ...forged(trial, seal), ...signed(trial, seal)] };
}

function genuine(trial: NoticeTrial, told: NoticeSubject): Case[] {
  return [
    { name: 'as-it-should-be', run: (ground) => trial.told(ground) },
    { name: 'told-again-by-its-sender', run: (ground) => trial.toldAgain(ground) },
    { name: 'replayed', run: (ground) => trial.replayed(ground) },
    { name: 'twice-at-once', run: (ground) => trial.twiceAtOnce(ground) },
    { name: 'out-of-order', run: (ground) => trial.outOfOrder(ground) },
    { name: 'not-committed', run: (ground) => trial.notCommitted(ground) },
    { name: 'forged-before-genuine', run: (ground) => trial.forgedFirst(ground) },
    ...(told.poll ? [{ name: 'by-notice-and-by-poll', run: (ground: Ground) => trial.polled(ground) }] : []),
    ...Object.entries(oddities).map(([name, oddity]): Case => ({ name, run: (ground) => trial.odd(ground, oddity) })),
  ];
}

/** How a genuine notice may be dressed. */
interface Oddity {
  readonly headers?: Readonly<Record<string, string>>;
  readonly bare?: boolean;
  readonly query?: string;
  readonly before?: string;
}

const oddities: Readonly<Record<string, Oddity>> = {
  'other-content-type': { headers: { 'content-type': 'image/png' } },
  'no-content-type': { headers: { 'content-type': '' } },
  'no-headers': { bare: true },
  'parameter-more': { query: 'strange=1' },
  'other-path': { before: '/elsewhere' },
};

const bytesTooMany = 3_000_000;

/** Nobody who sends these holds the key. */
function forged(trial: NoticeTrial, seal: NoticeSeal): Case[] {
  const changes: Readonly<Record<string, (posted: Posted, ground: Ground) => Posted | Promise<Posted>>> = {
    'signature-bit-flipped': (posted) => seal.flip(posted),
    'signature-missing': (posted) => seal.strip(posted),
    'signed-content-altered': (posted) => seal.alter(posted),
    'signed-by-another-key': (posted, { strangers }) => seal.sign(posted, { keys: strangers.twin }),
    'signed-by-our-own-key': (posted, { strangers, keys }) =>
      seal.sign(posted, { keys: { ...strangers.twin, ...ownKeys(keys.hub, keys.twin) } }),
    'body-of-garbage': (posted) => ({ ...posted, body: Buffer.of(0xff, 0xfe, 0, 0x3c) }),
    'body-of-nothing': (posted) => ({ ...posted, body: Buffer.alloc(0) }),
    'other-method': (posted) => ({ ...posted, method: 'PUT' }),
  };
  return Object.entries(changes).map(([name, change]) => ({
    name,
    run: (ground) => trial.refused(ground, (posted) => change(posted, ground)),
  }));
}

/** Names of key files differ; of a pair, ours stands where theirs should. Shared secrets have no such case: nothing changes. */
function ownKeys(
  hub: Readonly<Record<string, string>>,
  twin: Readonly<Record<string, string>>,
): Record<string, string> {
  const [ours] = Object.entries(hub).filter(([, text]) => text.includes('PRIVATE KEY'));
  const names = Object.entries(twin).filter(([, text]) => text.includes('PRIVATE KEY'));
  return Object.fromEntries(ours ? names.map(([name]) => [name, ours[1]]) : []);
}

/** The key is right, and still it is not what was agreed. */
function signed(trial: NoticeTrial, seal: NoticeSeal): Case[] {
  const bodies: Readonly<Record<string, (body: Buffer) => Buffer>> = {
    'signed-garbage': () => Buffer.from('{"a":<'),
    'signed-nothing': () => Buffer.alloc(0),
    'signed-null': () => Buffer.from('null'),
    'signed-list': () => Buffer.from('[]'),
    'signed-truncated': (body) => body.subarray(0, body.length >> 1),
    'signed-utf-16': (body) => Buffer.from(`\ufeff${body.toString()}`, 'utf16le'),
    'signed-stray-byte': (body) => {
      const at = body.length >> 1;
      return Buffer.concat([body.subarray(0, at), Buffer.of(0xc3, 0x28), body.subarray(at)]);
    },
    'signed-oversized': (body) => Buffer.concat([body, Buffer.alloc(bytesTooMany, ' ')]),
    'signed-nested': () => Buffer.from('['.repeat(100_000)),
    'signed-entities': () => Buffer.from('<!DOCTYPE r [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]><request>&b;</request>'),
    'signed-twice-in-one': (body) => Buffer.concat([body, body]),
  };
  const { windowMs } = seal;
  const times = windowMs === undefined ? {} : { 'signed-too-long-ago': windowMs, 'signed-in-the-future': -windowMs };
  return [
    ...Object.entries(bodies).map(([name, body]): Case => ({
      name,
      run: (ground) =>
        trial.refused(ground, (posted) => seal.sign(posted, { body: body(posted.body), keys: ground.keys.twin })),
    })),
    ...Object.entries(times).map(([name, ageMs]): Case => ({
      name,
      run: (ground) =>
        trial.refused(ground, (posted) =>
          seal.sign(posted, { keys: ground.keys.twin, ageMs: ageMs + Math.sign(ageMs) * 60_000 }),
        ),
    })),
  ];
}

/** One notice on trial. What is refused leaves no trace, so that one genuine notice, held back, serves many cases. */
class NoticeTrial {
  readonly #notice: Notice;
  readonly #told: NoticeSubject;
  readonly #seal: NoticeSeal;
  readonly #state = new WeakMap<Ground, { turn: number; held: Posted | undefined }>();

  constructor(notice: Notice, told: NoticeSubject, seal: NoticeSeal) {
    this.#notice = notice;
    this.#told = told;
    this.#seal = seal;
  }

  async told(ground: Ground): Promise<void> {
    const { posted } = await this.#caused(ground);
    await this.#oneFact(ground, [posted]);
    mustBeSober(ground, 0);
  }

  /** Its sender heard nothing, and tells it anew: the fact is there, and it is told that it is. */
  async toldAgain(ground: Ground): Promise<void> {
    const { posted, turn, is } = await this.#caused(ground);
    await this.#oneFact(ground, [posted]);
    const own = () => ground.facts.filter((fact) => fact.notice === this.#notice.name).length;
    const [before, since] = [own(), ground.bench.exchanges.length];
    ground.letPosts();
    await this.#told.again?.(ground, turn);
    const again = () =>
      ground.bench.exchanges.slice(since).some((each) => each.operation === this.#notice.name && each.state === 'ok');
    for (let waited = 0; !again() && waited < 3_000; waited += 20) await new Promise((r) => setTimeout(r, 20));
    must(again(), `its sender did not get through with the same again (${is.name})`);
    mustEqual(own(), before, 'the number of facts after it was told again');
  }

  async replayed(ground: Ground): Promise<void> {
    const { posted } = await this.#caused(ground);
    await this.#oneFact(ground, [posted, posted]);
  }

  async twiceAtOnce(ground: Ground): Promise<void> {
    const { posted } = await this.#caused(ground);
    const before = ground.facts.length;
    const replies = await Promise.all([ground.post(posted), ground.post(posted)]);
    must(
      replies.some((reply) => this.#isTaken(ground, reply)),
      `neither was taken: ${shown(replies.map((r) => r.status))}`,
    );
    mustEqual(ground.facts.length, before + 1, 'the number of facts');
  }

  async outOfOrder(ground: Ground): Promise<void> {
    const [first, second] = [await this.#caused(ground), await this.#caused(ground, false)];
    const before = ground.facts.length;
    await this.#oneFact(ground, [second.posted]);
    await this.#oneFact(ground, [first.posted]);
    const keys = ground.facts.slice(before).map(({ id }) => id);
    must(new Set(keys).size === 2, `two notices are the facts ${shown(keys)}`);
  }

  /** The hub's database is away: what is not kept is not acknowledged. */
  async notCommitted(ground: Ground): Promise<void> {
    const { posted } = await this.#caused(ground);
    const away = () => {
      throw new Error('the database is away');
    };
    Object.assign(ground.bench.facts, { push: away });
    const reply = await ground.post(posted).finally(() => Reflect.deleteProperty(ground.bench.facts, 'push'));
    must(!this.#isTaken(ground, reply), `it was acknowledged with ${reply.status} and is not kept`);
    const anew = await this.#seal.sign(posted, { keys: ground.keys.twin });
    await this.#oneFact(ground, [anew]);
  }

  async forgedFirst(ground: Ground): Promise<void> {
    const { posted } = await this.#caused(ground);
    must(!this.#isTaken(ground, await ground.post(this.#seal.alter(posted))), 'the forged one was taken');
    await this.#oneFact(ground, [posted]);
  }

  async polled(ground: Ground): Promise<void> {
    const { posted } = await this.#caused(ground);
    const fact = await this.#oneFact(ground, [posted]);
    const { poll } = this.#told;
    if (!poll) throw new Error('nothing to poll');
    const read: { response?: unknown } = await ground.confirmed(poll.operation, poll.request(fact.message));
    mustEqual(read.response, fact.message, 'what the poll reads');
    const id = this.#notice.idOf(this.#notice.contract.check(read.response));
    mustEqual(id, fact.id, 'the identity of the same fact by the other road');
  }

  /** Genuine, and dressed oddly: it is one fact or none, as the vendor's rules are; never two, never a bug of ours. */
  async odd(ground: Ground, change: Oddity): Promise<void> {
    const { posted } = await this.#caused(ground);
    const headers = Object.entries({ ...(change.bare ? {} : posted.headers), ...change.headers }).filter(
      ([, value]) => value !== '',
    );
    const join = posted.path.includes('?') ? '&' : '?';
    const path = (change.before ?? '') + posted.path + (change.query === undefined ? '' : join + change.query);
    const [before, since] = [ground.facts.length, ground.bench.exchanges.length];
    const reply = await ground.post({ ...posted, headers: Object.fromEntries(headers), path });
    mustBeSober(ground, since);
    mustEqual(ground.facts.length - before, this.#isTaken(ground, reply) ? 1 : 0, 'the number of facts');
  }

  async refused(ground: Ground, change: (posted: Posted) => Posted | Promise<Posted>): Promise<void> {
    const state = this.#stateOf(ground);
    const posted = (state.held ??= (await this.#caused(ground)).posted);
    const [before, since] = [ground.facts.length, ground.bench.exchanges.length];
    const reply = await ground.post(await change(posted));
    if (ground.facts.length !== before) state.held = undefined;
    must(!this.#isTaken(ground, reply), `it was taken with ${reply.status} ${shown(reply.body.toString())}`);
    mustEqual(ground.facts.length, before, 'the number of facts');
    must(!/\.ts:\d|\n\s+at /.test(reply.body.toString()), 'the reply shows a stack');
    mustBeSober(ground, since);
  }

  /** A fresh genuine notice, held back. */
  async #caused(
    ground: Ground,
    fresh = true,
  ): Promise<{ posted: Posted; turn: number; is: (posted: Posted) => boolean }> {
    const state = this.#stateOf(ground);
    state.turn += 1;
    const { turn } = state;
    if (fresh) ground.holdPosts();
    const is = await this.#told.cause(ground, turn);
    return { posted: await ground.heldPost(is), turn, is };
  }

  /** All are the same fact: the first is taken, and the others add nothing. */
  async #oneFact(ground: Ground, posts: readonly Posted[]): Promise<Fact> {
    const before = ground.facts.length;
    for (const [index, posted] of posts.entries()) {
      const reply = await ground.post(posted);
      must(
        index > 0 || this.#isTaken(ground, reply),
        `it was answered ${reply.status} ${shown(reply.body.toString())}`,
      );
      mustEqual(ground.facts.length, before + 1, 'the number of facts');
    }
    const fact = ground.facts.at(-1);
    must(fact?.notice === this.#notice.name, `the fact is ${shown(fact)}`);
    mustEqual(fact.key, this.#notice.keyOf(this.#notice.contract.check(fact.message)), 'its key');
    return fact;
  }

  #isTaken(ground: Ground, reply: { status: number; body: Buffer }): boolean {
    return ground.subject.taken?.(reply.status, reply.body) ?? false;
  }

  #stateOf(ground: Ground) {
    const state = this.#state.get(ground) ?? { turn: 0, held: undefined };
    this.#state.set(ground, state);
    return state;
  }
}
