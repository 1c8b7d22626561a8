/**
 * Sends the traces of this process to a collector, when there is one: OTLP over HTTP, set as everywhere by
 * `OTEL_EXPORTER_OTLP_ENDPOINT`. `OTEL_TRACES_SAMPLER_ARG` is the share of runs that is traced (default 1): a run is
 * traced whole or not at all, the same on every node, since its id decides.
 */
import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { trace } from '@opentelemetry/api';
import { givenIds, turnOff, turnOn } from '../engine/telemetry.ts';

export interface Telemetry {
  /** Sends what has gathered. A collector that is away costs a few seconds, and the traces. */
  stop(): Promise<void>;
}

const flushMs = 5_000;
const gatherMs = 1_000;
/** Beyond this, spans are dropped: a collector that is slow must not fill the memory of a hub. */
const spansMax = 20_000;

/** Without a collector the packages are not even loaded. */
export async function startTelemetry(): Promise<Telemetry | undefined> {
  const { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: own } = process.env;
  if (!endpoint && !own) return undefined;
  const [{ BatchSpanProcessor, TracerProvider, TraceIdRatioBasedSampler }, { OTLPTraceExporter }, resources] =
    await Promise.all([
      import('@opentelemetry/sdk-trace'),
      import('@opentelemetry/exporter-trace-otlp-http'),
      import('@opentelemetry/resources'),
    ]);
  const exporter = new OTLPTraceExporter({ timeoutMillis: flushMs });
  const provider = new TracerProvider({
    resource: resources.resourceFromAttributes({
      'service.name': process.env['OTEL_SERVICE_NAME'] ?? 'lianshu',
      'service.instance.id': `${hostname()}:${process.pid}`,
    }),
    sampler: new TraceIdRatioBasedSampler(shareOf(process.env['OTEL_TRACES_SAMPLER_ARG'])),
    idGenerator: {
      generateTraceId: () => givenIds()?.trace ?? randomBytes(16).toString('hex'),
      generateSpanId: () => givenIds()?.span ?? randomBytes(8).toString('hex'),
    },
    spanProcessors: [
      new BatchSpanProcessor({
        exporter,
        maxQueueSize: spansMax,
        scheduledDelayMillis: gatherMs,
        exportTimeoutMillis: flushMs,
      }),
    ],
  });
  trace.setGlobalTracerProvider(provider);
  turnOn();
  return {
    async stop() {
      turnOff();
      const late = new Promise<void>((resolve) => setTimeout(resolve, flushMs).unref());
      await Promise.race([provider.shutdown().catch(() => undefined), late]);
      trace.disable();
    },
  };
}

function shareOf(text: string | undefined): number {
  const share = Number(text ?? 1);
  if (!(share >= 0 && share <= 1)) throw new Error(`OTEL_TRACES_SAMPLER_ARG: a share from 0 to 1, not ${text}`);
  return share;
}
