/** The hub as one process: PostgreSQL (its child, or one by DATABASE_URL), engine, adapters, gateway. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ServiceBroker, type ServiceSchema } from 'moleculer';
import bankService from '../adapters/bank/bank.service.ts';
import cfcaService from '../adapters/cfca/cfca.service.ts';
import clearingService from '../adapters/clearing/clearing.service.ts';
import esignService from '../adapters/esign/esign.service.ts';
import evidenceService from '../adapters/evidence/evidence.service.ts';
import identityService from '../adapters/identity/identity.service.ts';
import invoiceService from '../adapters/invoice/invoice.service.ts';
import notifyService from '../adapters/notify/notify.service.ts';
import priceService from '../adapters/price/price.service.ts';
import registryService from '../adapters/registry/registry.service.ts';
import sapService from '../adapters/sap/sap.service.ts';
import wmsService from '../adapters/wms/wms.service.ts';
import { attachHub, type HubPort, type System } from '../adapters/adapter.ts';
import { selfTest } from '../adapters/crypto/gm.ts';
import { keysFrom } from '../adapters/crypto/keys.ts';
import { Failure } from '../contracts/failures.ts';
import { kinds } from '../contracts/kinds.ts';
import { Clock, type ClockSetting } from '../engine/clock.ts';
import { businessDate } from '../engine/calendar.ts';
import { Engine } from '../engine/engine.ts';
import { Exchanges } from '../engine/exchanges.ts';
import { Lanes } from '../engine/lanes.ts';
import { openRetries, type Retries } from '../engine/retries.ts';
import { traceAct } from '../engine/telemetry.ts';
import { flows } from '../flows/flows.ts';
import { startGateway, type Gateway } from '../gateway/server.ts';
import { explainConstraint } from '../ledger/constraints.ts';
import { sequenceEvidence } from '../ledger/evidence/sequencer.ts';
import { keepBooks } from '../ledger/housekeeping.ts';
import { installLifecycles } from '../ledger/lifecycle.ts';
import { partyOfCaller, readsCase, tellCase } from '../ledger/financing/portal.ts';
import { installFieldSets } from '../ledger/isolation/install.ts';
import config from '../moleculer.config.ts';
import { startEmbedded } from '../store/embedded.ts';
import { migrate } from '../store/migrate.ts';
import { sealingOf } from '../store/sealing/of.ts';
import { openStore } from '../store/store.ts';
import { openEvidenceSigner } from './evidence/key.ts';
import { openHistory } from './history.ts';
import { keepClock, projectFolder } from './home.ts';
import { callAction, joinNodes } from './nodes.ts';
import { partiesOf } from './parties.ts';
import { settlementService } from './settlements.ts';
import { applySetup, readSetup } from './setup.ts';
import { startTelemetry, type Telemetry } from './telemetry.ts';
import { startWebhooks, type Webhooks } from './webhooks.ts';

const services: readonly ServiceSchema[] = [
  bankService,
  cfcaService,
  clearingService,
  esignService,
  evidenceService,
  identityService,
  notifyService,
  invoiceService,
  priceService,
  registryService,
  sapService,
  wmsService,
];
const dayMs = 86_400_000;
/** How long what happened may wait for its place in the signed log. */
const housekeepingMs = 60_000;
const evidenceMs = 10_000;
/** In the time that a lane stays broken in production, a week goes by in a sandbox. */
const sandboxBreakMs = 1_000;

/** What each notice tells about an earlier instruction of the hub. */
const reports = new Map(
  kinds.flatMap((kind) => Object.values(kind.notices)).map(({ name, reports: told }) => [name, told]),
);
const reportsOf = (notice: string) => reports.get(notice);

export interface HubOptions {
  readonly home: string;
  readonly port: number;
  /** A sandbox's clock; absent in production. */
  readonly clock?: ClockSetting;
  /** Says what is being done, one line each. */
  readonly onProgress?: (what: string) => void;
}

export interface Hub {
  readonly url: string;
  readonly databaseUrl: string;
  /** Settles when the database that the hub brought along ends; never with one of the operator's own. */
  readonly databaseEnded: Promise<void>;
  stop(): Promise<void>;
}

export async function startHub(options: HubOptions): Promise<Hub> {
  const { home, onProgress = () => {} } = options;
  selfTest();
  const telemetry = await startTelemetry();
  const embedded = process.env['DATABASE_URL'] === undefined ? await startEmbedded({ home, onProgress }) : undefined;
  const databaseUrl = process.env['DATABASE_URL'] ?? embedded?.url ?? '';
  const store = await openStore(databaseUrl, { maxConnections: 16, applicationName: 'lianshu-hub' });
  await migrate(store);
  // Without the keys of this database nothing of it may begin.
  await sealingOf(store.pool).catch(async (thrown: unknown) => {
    await store.close();
    await embedded?.stop();
    throw thrown;
  });
  await installLifecycles(store);
  await installFieldSets(store);
  const setup = readSetup(join(home, 'setup.json'));
  await applySetup(store, setup);
  const systems = new Map(setup.systems.map((system) => [system.id, { ...system, party: system.id } satisfies System]));

  const history = await openHistory(store);
  const clock = new Clock();
  if (options.clock) await clock.set(options.clock, store);
  const broker = new ServiceBroker(config);
  let retries: Retries | undefined;
  const lanes = new Lanes({
    store,
    url: databaseUrl,
    clock,
    changed: () => void broker.broadcast('lanes.changed'),
    ...(options.clock ? { breakMs: sandboxBreakMs } : {}),
  });
  broker.createService({ name: 'lanes', events: { 'lanes.changed': () => void lanes.refresh() } });
  const engine = new Engine({
    store,
    url: databaseUrl,
    clock,
    flows,
    lanes,
    explain: explainConstraint,
    reportsOf,
    call: (call) => callAction(broker, call),
    retry: (run, realMs) => retries?.retry(run, realMs),
    upkeep: () => history.keepIfDue(),
    ...pulse(),
  });
  engine.events.on('problem', (message) => process.stderr.write(`engine: ${message}\n`));
  const exchanges = new Exchanges(store, (keys) => engine.signalled(keys), reportsOf);
  const keysFolder = join(home, 'keys');
  const port: HubPort = {
    system(id) {
      const system = systems.get(id);
      if (!system) throw new Failure('SYSTEM_UNKNOWN', { detail: `no system ${id} is registered` });
      return system;
    },
    keys: (id) => keysFrom(keysFolder, id),
    now: () => clock.now(),
    record: (exchange) => exchanges.record(exchange),
    deliver: (exchange, facts) => exchanges.deliver(exchange, facts),
    firstSeen: (id, nonce) => exchanges.firstSeen(id, nonce),
    trace: traceAct,
  };
  attachHub(broker, port);
  joinNodes(broker, engine);
  for (const service of services) broker.createService(service);
  broker.createService(settlementService({ store, engine, port, uploads: join(home, 'uploads') }));
  await broker.start();
  const signer = openEvidenceSigner(home);
  const schedules = [
    {
      name: 'evidence log',
      everyMs: evidenceMs,
      act: () => sequenceEvidence(store, signer).then(() => undefined),
    },
    {
      name: 'forget nonces',
      everyMs: 600_000,
      act: () => store.pool.query("delete from nonce where at < now() - interval '2 days'").then(() => undefined),
    },
    { name: 'housekeeping', everyMs: housekeepingMs, act: () => keepBooks(store).then(() => undefined) },
    { name: 'history', everyMs: dayMs, act: () => history.keep().then(() => undefined) },
  ];
  retries = await openRetries(databaseUrl, (run) => engine.wake(run), schedules);
  await engine.start();
  if (setup.daily) await engine.begin('days', { on: businessDate(clock.now()) });
  const gateway = await startGateway({
    port: options.port,
    store,
    engine,
    lanes,
    exchanges,
    clock,
    broker,
    flows,
    kinds,
    parties: partiesOf(setup.systems),
    roleOf: (id) => setup.callers.find((caller) => caller.id === id)?.as,
    companyOf: (id) => setup.callers.find((caller) => caller.id === id)?.company,
    partyOf: (id) => setup.callers.find((caller) => caller.id === id)?.as ?? (systems.has(id) ? id : undefined),
    consoleFolder: join(projectFolder, 'console', 'dist'),
    secretOf: (caller) =>
      webhookSecret(keysFolder, setup.callers.some((known) => known.id === caller) ? caller : undefined),
    speaksFor: (caller) => partyOfCaller(store, caller),
    describeCase: (caseId, caller) => tellCase(store, caseId, caller),
    mayReadCase: (caseId, caller) => readsCase(store, caseId, caller),
    ...(options.clock ? { clockChange: (change) => changeClock(home, clock, store, change) } : {}),
  });
  const webhooks = startWebhooks({
    store,
    secretOf: (caller) => webhookSecret(keysFolder, caller),
    allowPrivate: options.clock !== undefined,
    onProblem: (problem) => process.stderr.write(`${problem}\n`),
  });
  return {
    url: gateway.url,
    databaseUrl,
    databaseEnded: embedded?.exited ?? new Promise<void>(() => {}),
    stop: () => stopHub({ gateway, webhooks, engine, retries, broker, store, embedded, telemetry }),
  };
}

/** How soon a dead node is noticed. The defaults are for machines with other things to do; a test knows its own. */
function pulse(): { beatMs?: number; sweepMs?: number } {
  const { LIANSHU_BEAT_MS: beatMs, LIANSHU_SWEEP_MS: sweepMs } = process.env;
  return {
    ...(beatMs === undefined ? {} : { beatMs: Number(beatMs) }),
    ...(sweepMs === undefined ? {} : { sweepMs: Number(sweepMs) }),
  };
}

interface Parts {
  readonly gateway: Gateway;
  readonly webhooks: Webhooks;
  readonly engine: Engine;
  readonly retries: Retries | undefined;
  readonly broker: ServiceBroker;
  readonly store: { close(): Promise<void> };
  readonly embedded: { stop(): Promise<void> } | undefined;
  readonly telemetry: Telemetry | undefined;
}

/** In the order in which nothing is left waiting for something that is gone. */
async function stopHub(parts: Parts): Promise<void> {
  await parts.gateway.close();
  await parts.webhooks.stop();
  await parts.engine.stop();
  await parts.retries?.close();
  await parts.broker.stop();
  await parts.store.close();
  await parts.embedded?.stop();
  await parts.telemetry?.stop();
}

function webhookSecret(keysFolder: string, caller: string | undefined): string | undefined {
  if (caller === undefined) return undefined;
  const file = join(keysFolder, caller, 'hub', 'webhook.txt');
  return existsSync(file) ? readFileSync(file, 'utf8').trim() : undefined;
}

/** Moves the sandbox's clock here, in the database, and over there with the twins: one time for all. */
async function changeClock(
  home: string,
  clock: Clock,
  store: Parameters<Clock['set']>[1],
  change: { advanceMs?: number; speed?: number },
): Promise<void> {
  const setting = {
    realMs: Date.now(),
    businessMs: clock.now().getTime() + (change.advanceMs ?? 0),
    speed: change.speed ?? clock.speed,
  };
  await clock.set(setting, store);
  keepClock(home, setting);
  const { control } = JSON.parse(readFileSync(join(home, 'sandbox.json'), 'utf8')) as { control: string };
  await fetch(`${control}/clock`, {
    method: 'POST',
    body: JSON.stringify({ setting }),
    signal: AbortSignal.timeout(5_000),
  });
}
