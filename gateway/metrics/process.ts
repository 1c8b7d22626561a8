/** What this node's engine does, counted as it happens. */
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { kinds } from '../../engine/journal.ts';
import type { Edge } from '../options.ts';

const flushMsBuckets = [0.5, 1, 2, 5, 10, 20, 50, 100, 250, 1_000, 5_000, 30_000];
const worksBuckets = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000];

/** @returns sets the gauges that are asked for */
export function engineOf({ engine }: Edge, registers: Registry[]): () => void {
  const flushes = new Histogram({
    name: 'lianshu_flush_ms',
    help: 'Flushes of the journal, sent to committed',
    buckets: flushMsBuckets,
    registers,
  });
  const works = new Histogram({
    name: 'lianshu_flush_works',
    help: 'Works that one flush carries',
    buckets: worksBuckets,
    registers,
  });
  const counter = (name: string, help: string) => new Counter({ name: `lianshu_${name}_total`, help, registers });
  const steps = counter('steps', 'Steps committed: results, refusals, signals, timers and milestones');
  const begun = counter('runs_begun', 'Runs that this node began');
  const ended = counter('runs_ended', 'Runs that ended on this node');
  const claimed = counter('runs_claimed', 'Runs that this node took up');
  const reaped = counter('runs_reaped', 'Runs that this node freed from nodes that died');
  const outages = counter('database_outages', 'Times that the engine met a database that did not serve');
  const queued = new Gauge({ name: 'lianshu_writer_queue', help: 'Works that wait for the writer', registers });
  const running = new Gauge({ name: 'lianshu_runs_in_memory', help: 'Runs in the memory of this node', registers });

  engine.events.on('flush', (ms, carried) => {
    flushes.observe(ms);
    works.observe(carried.length);
    for (const work of carried) {
      for (const { kind } of work.entries ?? [])
        if (kind !== kinds.intent && kind !== kinds.input && kind !== kinds.output) steps.inc();
      if (work.start) begun.inc();
      if (work.finish) ended.inc();
    }
  });
  // A step that changes the books commits by itself.
  engine.events.on('recorded', () => steps.inc());
  engine.events.on('claimed', (runs) => claimed.inc(runs));
  engine.events.on('reaped', (runs) => reaped.inc(runs));
  engine.events.on('outage', () => outages.inc());
  return () => {
    queued.set(engine.queued);
    running.set(engine.running);
  };
}
