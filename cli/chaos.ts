/** `npm run chaos`: campaigns against what a hub stands on. A campaign is a file `test/chaos/<name>.chaos.ts`. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { projectFolder } from './home.ts';

/** As typed: numbers are checked here. */
export interface ChaosOptions {
  readonly json?: boolean;
  readonly seed?: string;
  readonly seconds?: string;
  readonly times?: string;
  readonly nodes?: string;
  readonly rate?: string;
  readonly faults?: string;
}

interface Figures {
  readonly lost: number;
  readonly duplicated: number;
  readonly stuck: number;
  readonly found: readonly string[];
  readonly late: number;
}

interface Campaign {
  readonly what: string;
  readonly faults?: readonly string[];
  readonly run: (options: object) => Promise<Figures>;
  /** Ends what a campaign under way has started. */
  readonly end: () => Promise<void>;
}

const campaigns: readonly string[] = ['postgres', 'nodes', 'hub'];
const killEveryMs = 5_000;
const cutMs = 10_000;
const freezeMs = 6_000;

export async function chaos(name: string | undefined, options: ChaosOptions): Promise<number> {
  if (name === undefined || !campaigns.includes(name)) {
    process.stderr.write(`npm run chaos -- ${campaigns.join(' | ')} [--json] [--seed <n>]\n`);
    return name === undefined ? 0 : 2;
  }
  const numbers = {
    seed: whole('seed', options.seed, 1, 2 ** 31),
    seconds: whole('seconds', options.seconds, 120, 86_400),
    times: whole('times', options.times, 2, 1_000),
    nodes: whole('nodes', options.nodes, 1, 8),
    ordersPerSecond: whole('rate', options.rate, 20, 1_000),
  };
  const file = join(projectFolder, 'test', 'chaos', `${name}.chaos.ts`);
  const campaign = (await import(pathToFileURL(file).href)) as Campaign;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.once(signal, () => void campaign.end().finally(() => process.exit(130)));
  process.stderr.write(`${name}: ${campaign.what}; seed ${numbers.seed}\n`);
  const beganAt = performance.now();
  const figures = await campaign.run({
    ...numbers,
    faults: faultsOf(options.faults, campaign.faults ?? []),
    killEveryMs,
    cutMs,
    freezeMs,
    say: (line: string) => process.stderr.write(`${((performance.now() - beganAt) / 1000).toFixed(1)} s  ${line}\n`),
  });
  for (const line of figures.found) process.stderr.write(`${line}\n`);
  const good = figures.lost + figures.duplicated + figures.stuck + figures.late === 0;
  process.stdout.write(options.json ? `${JSON.stringify(figures)}\n` : inWords(figures));
  return good ? 0 : 1;
}

/** @throws Error that names the option */
function whole(name: string, text: string | undefined, otherwise: number, max: number): number {
  const value = text === undefined ? otherwise : Number(text);
  if (!Number.isInteger(value) || value < 0 || value > max)
    throw new Error(`--${name}: 须为 0 至 ${max} 的整数 a whole number from 0 to ${max} is needed`);
  return value;
}

function faultsOf(text: string | undefined, known: readonly string[]): readonly string[] {
  const wanted = text?.split(',') ?? known;
  const strange = wanted.find((fault) => !known.includes(fault));
  if (strange !== undefined) throw new Error(`--faults: 没有 no ${strange}; there are ${known.join(', ')}`);
  return wanted;
}

function inWords(figures: Figures): string {
  return Object.entries(figures)
    .map(([name, value]) => `${name}  ${typeof value === 'object' ? JSON.stringify(value) : String(value)}\n`)
    .join('');
}
