/**
 * What durability costs where steps are real: ten signed HTTP calls per run to a counterparty that verifies and signs,
 * as a bare script and as a flow on the engine, 50 runs at once, taking turns. `look` is a flow of questions, whose
 * results are kept; `order` is one of instructions, each of which is also kept before it leaves.
 *
 * The product's adapter keeps each message raw as well; that is evidence, not durability, and not in these figures.
 */
import { generateKeyPairSync } from 'node:crypto';
import type { ClientSetting } from './durability/client.ts';
import { type Child, startChild } from './engine/child.ts';
import { machineOf, progress, type Ratio, ratioOf, ratioText, tableText } from './engine/figures.ts';
import { withServer } from './engine/server.ts';
import { medianTurn, type Turn, turnOf } from './engine/turn.ts';

export const what = 'ten real signed HTTP calls per run on the engine, against a bare script without durability';

const sides = ['bare', 'look', 'order'] as const;
type Side = (typeof sides)[number];

const inFlight = 50;
const warmMs = 2_000;
const plans = { quick: { rounds: 1, windowMs: 2_000 }, full: { rounds: 5, windowMs: 5_000 } } as const;
/** At least this much of the bare script's throughput is to remain. */
const target = 0.85;

export function run(json: boolean, options: { quick?: boolean } = {}): Promise<object> {
  const plan = options.quick ? plans.quick : plans.full;
  return withServer(async (server) => {
    const machine = await machineOf(server);
    const children: Child[] = [];
    const start = async (script: string, setting: object) => {
      const child = await startChild(script, setting);
      children.push(child);
      return child;
    };
    try {
      const [hub, bank] = [keyPair(), keyPair()];
      const peer = await start('durability/sides/bank.ts', { bankPrivateKey: bank.private, hubPublicKey: hub.public });
      const setting: ClientSetting = {
        bankUrl: `http://127.0.0.1:${await peer.ask<number>('port')}`,
        hubPrivateKey: hub.private,
        bankPublicKey: bank.public,
      };
      const url = await server.migrated('durable');
      const callers: Record<Side, Child> = {
        bare: await start('durability/sides/bare.ts', setting),
        look: await start('durability/sides/durable.ts', { ...setting, url, operation: 'look' }),
        // A database of its own: another engine on the same one would take its share of the runs.
        order: await start('durability/sides/durable.ts', {
          ...setting,
          url: await server.migrated('durable_orders'),
          operation: 'order',
        }),
      };
      const turns: Record<Side, Turn[]> = { bare: [], look: [], order: [] };
      for (const side of sides) await turnOf([callers[side]], server.admin, inFlight, warmMs);
      for (let round = 0; round < plan.rounds; round += 1) {
        for (const side of round % 2 === 0 ? sides : sides.toReversed()) {
          const turn = await turnOf([callers[side]], server.admin, inFlight, plan.windowMs);
          progress(`round ${round + 1}: ${side} ${turn.stepsPerSecond} calls/s`);
          turns[side].push(turn);
        }
      }
      const figures = figuresOf(turns);
      if (!json) process.stdout.write(textOf(figures, plan.rounds));
      return { machine, quick: options.quick ?? false, inFlight, rounds: plan.rounds, target, ...figures };
    } finally {
      await Promise.all(children.map((child) => child.stop()));
    }
  });
}

interface Figures {
  readonly sides: Readonly<Record<Side, Turn>>;
  readonly lookOverBare: Ratio;
  readonly orderOverBare: Ratio;
}

function figuresOf(turns: Readonly<Record<Side, readonly Turn[]>>): Figures {
  const rate = (side: Side) => turns[side].map((turn) => turn.stepsPerSecond);
  return {
    sides: { bare: medianTurn(turns.bare), look: medianTurn(turns.look), order: medianTurn(turns.order) },
    lookOverBare: ratioOf(rate('look'), rate('bare')),
    orderOverBare: ratioOf(rate('order'), rate('bare')),
  };
}

function textOf(figures: Figures, rounds: number): string {
  const against = { bare: '', look: ratioText(figures.lookOverBare), order: ratioText(figures.orderOverBare) };
  const rows = sides.map((side) => {
    const { stepsPerSecond, runMsP50, runMsP99, cpuMicrosPerStep } = figures.sides[side];
    return [side, stepsPerSecond, runMsP50, runMsP99, cpuMicrosPerStep, against[side]];
  });
  const head = ['side', 'calls/s', 'run p50 ms', 'run p99 ms', 'us CPU/call', 'of the bare script'];
  return `${tableText([head, ...rows])}${inFlight} runs in flight, medians of ${rounds} rounds; wanted: at least ${target}\n`;
}

function keyPair(): { private: string; public: string } {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  return { private: privateKey, public: publicKey };
}
