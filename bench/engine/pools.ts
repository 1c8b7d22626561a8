/** Both rivals get the pool that serves them best on this machine: their documents leave its size to measurement. */
import { startChild } from './child.ts';
import { progress } from './figures.ts';
import type { BenchServer } from './server.ts';
import { turnOf } from './turn.ts';

/** From their default of 10 up to what the embedded server's 100 connections bear with two processes a side. */
const sizes = [10, 20, 40] as const;
const inFlight = 50;
const windowMs = 1_500;

export async function bestPoolSize(script: string, url: string, server: BenchServer): Promise<number> {
  const found: { readonly size: number; readonly stepsPerSecond: number }[] = [];
  for (const size of sizes) {
    const child = await startChild(script, { url, poolSize: size });
    try {
      await turnOf([child], server.admin, inFlight, windowMs); // The first warms up.
      const { stepsPerSecond } = await turnOf([child], server.admin, inFlight, windowMs);
      progress(`${script}, ${size} connections: ${stepsPerSecond} steps/s`);
      found.push({ size, stepsPerSecond });
    } finally {
      await child.stop();
    }
  }
  return found.sort((a, b) => b.stepsPerSecond - a.stepsPerSecond)[0]?.size ?? sizes[0];
}
