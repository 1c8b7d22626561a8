/**
 * The sandbox: every counterparty, in one process of its own beside the hub. Its own control port starts orders and
 * tells where the twins are.
 *
 * `node sandbox/main.ts`, configured by the environment: LIANSHU_HOME, LIANSHU_HUB (address), LIANSHU_CLOCK (JSON).
 */
import { createServer } from 'node:http';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { anySeed, chanceOf } from './chance.ts';
import { Clock, type ClockSetting } from './clock.ts';
import { writeWhole } from './memory.ts';
import { callers, keysOf, secretOf, writeSetup } from './provision.ts';
import { Traders } from './traders.ts';
import { startTwin, type RunningTwin, type TwinSpec } from './twin.ts';
import { twins } from './twins.ts';
import { dealers, materials, unit } from './world.ts';

const home = process.env['LIANSHU_HOME'] ?? '.lianshu';
const hub = process.env['LIANSHU_HUB'] ?? 'http://127.0.0.1:7600';
const clock = new Clock(
  process.env['LIANSHU_CLOCK'] ? (JSON.parse(process.env['LIANSHU_CLOCK']) as ClockSetting) : undefined,
);

/** Tonnes of the orders, in turn. */
const tonnes = ['1200.500', '860.250', '432.125', '1500.000', '640.750'];

async function main(): Promise<void> {
  // The one who started it is gone: nobody would stop it otherwise. Twins are not there yet, so there is nothing to end.
  const orphaned = () => process.exit(0);
  process.once('disconnect', orphaned);
  mkdirSync(home, { recursive: true });
  const ports = existsSync(join(home, 'ports.json'))
    ? (JSON.parse(readFileSync(join(home, 'ports.json'), 'utf8')) as Record<string, number>)
    : {};
  const seed = seedOf(home);
  const running: { spec: TwinSpec<object>; twin: RunningTwin }[] = [];
  for (const spec of twins) running.push({ spec, twin: await startOn(spec, ports, seed) });
  for (const { spec, twin } of running) {
    ports[spec.name] = Number(new URL(twin.control).port);
    if (spec.listen) ports[listenPortOf(spec)] = Number(new URL(twin.url).port);
  }
  writeWhole(join(home, 'ports.json'), JSON.stringify(ports));
  writeSetup(
    home,
    running.map(({ spec, twin }) => ({ spec, url: twin.url })),
  );

  const traders = new Traders({ hub, clock, secretOf: (caller) => secretOf(home, caller) });
  for (const { id } of callers) secretOf(home, id);
  const placedFile = join(home, 'placed.json');
  let placed = existsSync(placedFile) ? Number(readFileSync(placedFile, 'utf8')) : 0;
  const firstOrder = Number(chanceOf(seed, 'orders').digits(8));
  const addressOf = (name: string) => running.find(({ spec }) => spec.name === name)?.twin.control ?? '';
  const act = (system: string, name: string, args: object) =>
    fetch(`${addressOf(system)}/_twin/acts/${name}`, { method: 'POST', body: JSON.stringify(args) });

  /** A sales clerk books an order of the next dealer in SAP, which pushes it; unit and dealer then play their parts. */
  async function placeOrder(wish: { dealer?: string; orderNo?: string; salesOrganization?: string }): Promise<object> {
    const dealer = dealers.find((d) => Number(d.sapNo) === Number(wish.dealer)) ?? dealers[placed % dealers.length];
    const material = materials[placed % 2];
    if (!dealer || !material) throw new Error('the world has no dealer');
    const quantity = tonnes[placed % tonnes.length];
    const { salesOrganization = unit.salesOrganization } = wish;
    // Ten digits, one after the other as SAP counts them.
    const orderNo = wish.orderNo ?? `45${String((firstOrder + placed) % 100_000_000).padStart(8, '0')}`;
    placed += 1;
    writeWhole(placedFile, String(placed));
    const answer = await act('sap-s4', 'placeOrder', {
      dealer: dealer.sapNo,
      material: material.code,
      quantity,
      orderNo,
      salesOrganization,
    });
    if (answer.status !== 200) throw new Error(`SAP answered ${answer.status}: ${await answer.text()}`);
    traders.adopt(orderNo, dealer.sapNo);
    return { orderNo, dealer: dealer.name };
  }

  const control = createServer((req, res) => {
    const chunks: Buffer[] = [];
    req.on('data', (chunk: Buffer) => chunks.push(chunk));
    req.on('end', () => {
      const body = chunks.length > 0 ? (JSON.parse(Buffer.concat(chunks).toString()) as Record<string, string>) : {};
      const answer = async (): Promise<object> => {
        switch (`${req.method} ${req.url}`) {
          case 'GET /':
            return {
              twins: running.map(({ spec, twin }) => ({
                name: spec.name,
                kind: spec.kind,
                title: spec.title,
                url: twin.url,
                control: twin.control,
              })),
              clock: clock.describe(),
            };
          case 'POST /orders':
            return placeOrder(body);
          case 'POST /adopt':
            return { adopted: traders.adopt(body['orderNo'] ?? '', body['customerNo'] ?? '') };
          case 'POST /clock':
            return clock.set(body);
          default:
            throw new Error('no such control: GET /, POST /orders, POST /adopt, POST /clock');
        }
      };
      answer().then(
        (value) => res.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value)),
        (thrown: unknown) =>
          res.writeHead(400, { 'content-type': 'application/json' }).end(JSON.stringify({ error: String(thrown) })),
      );
    });
  });
  await listen(control, ports['control'] ?? 0).catch(() => listen(control, 0));
  const controlUrl = `http://127.0.0.1:${(control.address() as AddressInfo).port}`;
  writeWhole(join(home, 'ports.json'), JSON.stringify({ ...ports, control: Number(new URL(controlUrl).port) }));
  writeWhole(join(home, 'sandbox.json'), JSON.stringify({ control: controlUrl, pid: process.pid, hub }));
  process.send?.({ ready: true, control: controlUrl });

  const stop = () => {
    traders.stop();
    control.close();
    void Promise.all(running.map(({ twin }) => twin.stop())).finally(() => process.exit(0));
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  process.off('disconnect', orphaned);
  process.once('disconnect', stop);
}

/** Drawn once for each home, unless it was given: what is drawn from it must be the same after a restart. */
function seedOf(folder: string): string {
  const file = join(folder, 'seed.txt');
  if (!existsSync(file)) writeWhole(file, process.env['LIANSHU_SEED'] ?? anySeed());
  return readFileSync(file, 'utf8');
}

function listen(server: ReturnType<typeof createServer>, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve());
  });
}

/** On its ports of last time, so that the hub still finds it; on others when somebody took those. */
async function startOn(
  spec: TwinSpec<object>,
  ports: Readonly<Record<string, number>>,
  seed: string,
): Promise<RunningTwin> {
  const place = {
    folder: join(home, 'twins', spec.name),
    hubUrl: `${hub}/in/${spec.name}`,
    clock,
    keys: keysOf(home, spec),
    seed,
  };
  const port = ports[spec.name] ?? 0;
  try {
    return await startTwin(spec, { ...place, port, listenPort: ports[listenPortOf(spec)] });
  } catch (thrown) {
    if (port === 0) throw thrown;
    return startTwin(spec, { ...place, port: 0 });
  }
}

const listenPortOf = (spec: TwinSpec<object>): string => `${spec.name} listen`;

await main();
