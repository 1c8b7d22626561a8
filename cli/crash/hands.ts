/**
 * Which points are killed in which case: each point once before any a second time, by chance that a seed repeats.
 *
 * A hand leaves room between its points. The engine takes a run that dies again and again in one place for poisoned and
 * gives it to people, rightly; what is wanted here are many deaths in many places.
 */
import type { PlannedCrash } from '../../engine/crash.ts';

const roomBetween = 3;
/** Every so many cases one with a single kill: a recovery that only works on top of another would not be seen else. */
const singleEvery = 4;
const handMax = 45;
/** A point that was dealt so often and never met is left out: it belongs to a course that chance does not bring back. */
const dealsMax = 3;
/** Of the kills inside: at once, after the bytes left, some milliseconds later. */
const delaysMaxMs = { journal: 4, inbox: 4, wire: 25 } as const;

export class Hands {
  readonly #random: () => number;
  readonly #order = new Map<string, number>();
  #deck: string[] = [];
  readonly #dealt = new Map<string, number>();
  readonly #met = new Set<string>();
  #hands = 0;

  constructor(points: readonly string[], seed: number) {
    this.#random = chance(seed);
    this.learn(points);
  }

  /** Points in the order in which they were first met. Those met only in a recovery come in later. */
  learn(points: readonly string[]): void {
    for (const point of points) {
      if (this.#order.has(point)) continue;
      // Recovery has no place of its own in the course of a case.
      this.#order.set(point, this.#hands === 0 ? this.#order.size : -roomBetween * (this.#order.size + 1));
      this.#deck.push(point);
    }
  }

  get points(): number {
    return this.#order.size;
  }

  get covered(): number {
    return this.#met.size;
  }

  /** Of those that are to be killed, how many were not dealt since all of them were. */
  get left(): number {
    return this.#deck.length;
  }

  /** Dealt again and again and never met. */
  get unmet(): string[] {
    return [...this.#dealt]
      .filter(([point, times]) => times >= dealsMax && !this.#met.has(point))
      .map(([point]) => point);
  }

  deal(atMost: number): PlannedCrash[] {
    this.#hands += 1;
    const size = Math.min(atMost, this.#hands % singleEvery === 0 ? 1 : handMax);
    const hand = this.#draw(size);
    return hand.map((at) => ({ at, skip: this.#skipOf(at), delay: this.#delayOf(at) }));
  }

  /** Of points at which one died before: what is left to the end must not wait for one that does not come. */
  dealMet(atMost: number): PlannedCrash[] {
    const spare = [...this.#met];
    const hand = Array.from({ length: Math.min(atMost, spare.length) }, () =>
      spare.splice(Math.floor(this.#random() * spare.length), 1),
    ).flat();
    const apart = hand.filter((at, place) => hand.slice(0, place).every((other) => this.#isApart(at, other)));
    return apart.map((at) => ({ at, skip: 0, delay: this.#delayOf(at) }));
  }

  /** What became of a hand. */
  played(hand: readonly PlannedCrash[], done: ReadonlySet<string>): void {
    for (const { at } of hand) {
      if (done.has(at)) this.#met.add(at);
      else if (!this.unmet.includes(at)) this.#deck.push(at);
    }
  }

  #draw(size: number): string[] {
    if (this.#deck.length === 0) {
      const without = new Set(this.unmet);
      this.#deck = [...this.#order.keys()].filter((point) => !without.has(point));
    }
    const hand: string[] = [];
    const later: string[] = [];
    while (hand.length < size && this.#deck.length > 0) {
      const [point = ''] = this.#deck.splice(Math.floor(this.#random() * this.#deck.length), 1);
      (hand.every((other) => this.#isApart(point, other)) ? hand : later).push(point);
    }
    this.#deck.push(...later);
    for (const point of hand) this.#dealt.set(point, (this.#dealt.get(point) ?? 0) + 1);
    return hand;
  }

  #isApart(one: string, other: string): boolean {
    return Math.abs((this.#order.get(one) ?? 0) - (this.#order.get(other) ?? 0)) >= roomBetween;
  }

  /** What has no path is met many times in a case: the first time when it is dealt first, then any. */
  #skipOf(at: string): number {
    const times = this.#dealt.get(at) ?? 1;
    return times > 1 && / (park|effect)$/.test(at) && this.#met.has(at) ? Math.floor(this.#random() * 3) : 0;
  }

  #delayOf(at: string): PlannedCrash['delay'] {
    const [, door] = /^(journal|wire|inbox):inside /.exec(at) ?? [];
    if (door === undefined) return 'now';
    const drawn = this.#random();
    if (drawn < 1 / 3) return 'now';
    if (drawn < 2 / 3) return 'turn';
    return 1 + Math.floor(this.#random() * delaysMaxMs[door as keyof typeof delaysMaxMs]);
  }
}

/** Numbers in [0, 1) (mulberry32). */
function chance(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
