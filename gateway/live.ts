/**
 * Changes as they happen, for everybody who watches. What rings is only a hint that a case changed: what is sent is read
 * from the database, compared with what the reader has, and the difference goes out. So a lost or doubled ring does no
 * harm, and a reader who comes back gets what it missed.
 */
import type { Store } from '../store/store.ts';
import type { Edge } from './options.ts';
import type { Pictures } from './pictures.ts';
import { readRunDetail } from './runDetail.ts';
import { readRuns } from './runs.ts';
import type { RunDetailView } from './view.ts';

export interface Watch {
  readonly run: string;
  readonly caseId: string;
  /** Where the reader's snapshot ended; undefined: it has none. */
  readonly from: { readonly seq: bigint; readonly step: number } | undefined;
}

export interface Reader {
  readonly list: boolean;
  readonly watches: readonly Watch[];
  send(event: string, data: unknown, id?: string): void;
}

interface Reading extends Watch {
  /** What the reader has, by kind and number; undefined before the first difference. */
  known: Map<string, string> | undefined;
}

/** Numbers are given before they are committed, so a lower one may appear after a higher. */
const commitSlack = 1_000n;
const rowsPerFlush = 200;
const rowsRemembered = 2_000;
const retryMs = 1_000;

export class Live {
  readonly #edge: Edge;
  readonly #store: Store;
  readonly #pictures: Pictures;
  readonly #readers = new Map<Reader, Reading[]>();
  readonly #sentRows = new Map<string, string>();
  #runs = new Set<string>();
  #cases = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #resync: NodeJS.Timeout | undefined;
  #flushing = false;

  constructor(edge: Edge, pictures: Pictures) {
    this.#edge = edge;
    this.#store = edge.store;
    this.#pictures = pictures;
  }

  get readers(): number {
    return this.#readers.size;
  }

  start(): void {
    this.#edge.engine.events.on('entries', this.#onRun);
    this.#edge.engine.events.on('run', this.#onRun);
    this.#edge.exchanges.events.on('exchange', this.#onExchange);
    this.#resync = setInterval(() => this.#watched(), this.#edge.limits.resyncMs);
    this.#resync.unref();
  }

  stop(): void {
    this.#edge.engine.events.off('entries', this.#onRun);
    this.#edge.engine.events.off('run', this.#onRun);
    this.#edge.exchanges.events.off('exchange', this.#onExchange);
    clearInterval(this.#resync);
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#readers.clear();
  }

  add(reader: Reader): void {
    this.#readers.set(
      reader,
      reader.watches.map((watch) => ({ ...watch, known: undefined })),
    );
    for (const watch of reader.watches) this.#cases.add(watch.caseId);
    this.#soon(0);
  }

  remove(reader: Reader): void {
    this.#readers.delete(reader);
  }

  readonly #onRun = (run: string, caseId: string): void => {
    if (this.#readers.size === 0) return;
    this.#runs.add(run);
    this.#cases.add(caseId);
    this.#soon(this.#edge.limits.coalesceMs);
  };

  readonly #onExchange = (_id: string, caseId: string | undefined): void => {
    if (this.#readers.size === 0 || caseId === undefined) return;
    this.#cases.add(caseId);
    this.#soon(this.#edge.limits.coalesceMs);
  };

  #watched(): void {
    for (const reading of this.#readings()) this.#cases.add(reading.caseId);
    if (this.#cases.size > 0) this.#soon(0);
  }

  #soon(afterMs: number): void {
    if (this.#flushing) return; // What is marked now is looked at when the flush ends.
    this.#timer ??= setTimeout(() => void this.#flush(), afterMs);
  }

  async #flush(): Promise<void> {
    this.#timer = undefined;
    this.#flushing = true;
    const runs = [...this.#runs];
    const cases = this.#cases;
    this.#runs = new Set(runs.slice(rowsPerFlush));
    this.#cases = new Set();
    let nextMs = this.#edge.limits.coalesceMs;
    try {
      await this.#sendDetails(cases);
      await this.#sendRows(runs.slice(0, rowsPerFlush));
    } catch {
      // The database is away: everything stays marked, and the readers' snapshots say the rest.
      for (const run of runs) this.#runs.add(run);
      for (const one of cases) this.#cases.add(one);
      nextMs = retryMs;
    } finally {
      this.#flushing = false;
    }
    if (this.#readers.size > 0 && this.#runs.size + this.#cases.size > 0) this.#soon(nextMs);
  }

  async #sendRows(ids: readonly string[]): Promise<void> {
    const lists = [...this.#readers.keys()].filter((reader) => reader.list);
    if (lists.length === 0 || ids.length === 0) return;
    for (const row of await readRuns(this.#store, this.#pictures, { ids, limit: ids.length })) {
      const text = JSON.stringify(row);
      if (this.#sentRows.get(row.id) === text) continue;
      this.#sentRows.delete(row.id);
      this.#sentRows.set(row.id, text);
      for (const reader of lists) reader.send('run.changed', row);
    }
    for (const id of this.#sentRows.keys()) {
      if (this.#sentRows.size <= rowsRemembered) break;
      this.#sentRows.delete(id);
    }
  }

  async #sendDetails(cases: ReadonlySet<string>): Promise<void> {
    const ids = new Set(this.#readings().flatMap((reading) => (cases.has(reading.caseId) ? [reading.run] : [])));
    for (const id of ids) {
      const detail = await readRunDetail(this.#store, this.#pictures, id);
      for (const [reader, readings] of this.#readers) {
        for (const reading of readings) if (reading.run === id) sendDifference(reader, reading, detail);
      }
    }
  }

  #readings(): Reading[] {
    return [...this.#readers.values()].flat();
  }
}

function sendDifference(reader: Reader, reading: Reading, detail: RunDetailView): void {
  const known = reading.known ?? knownAt(reading.from, detail);
  const events: [event: string, data: unknown][] = [];
  const tell = (key: string, event: string, data: unknown) => {
    const text = JSON.stringify(data);
    if (known.get(key) === text) return;
    known.set(key, text);
    events.push([event, data]);
  };
  // Before the messages: a party may be heard for the first time, and needs its place.
  tell('parties', 'run.parties', detail.parties);
  for (const message of detail.messages) tell(`message ${message.id}`, 'run.message', message);
  for (const milestone of detail.milestones) tell(`milestone ${milestone.no}`, 'run.milestone', milestone);
  for (const step of detail.steps) tell(`step ${step.seq}`, 'run.step', step);
  tell('run', 'run.changed', detail.run);
  reading.known = known;
  // Only the last one carries the id: a reader cut off before it asks for all of them again.
  events.forEach(([event, data], at) =>
    reader.send(event, data, at === events.length - 1 ? detail.lastSeq : undefined),
  );
}

/** What a snapshot that ended there certainly held in its present form. */
function knownAt(from: Watch['from'], detail: RunDetailView): Map<string, string> {
  const known = new Map<string, string>();
  if (!from) return known;
  for (const message of detail.messages) {
    const settled = message.state !== 'inflight' && BigInt(message.seq) + commitSlack <= from.seq;
    if (settled) known.set(`message ${message.id}`, JSON.stringify(message));
  }
  for (const step of detail.steps) if (step.seq < from.step) known.set(`step ${step.seq}`, JSON.stringify(step));
  return known;
}
