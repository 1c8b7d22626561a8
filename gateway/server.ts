/**
 * The edge of the hub: callbacks of external systems, the signed commands of trading units and dealers, the operators'
 * console and its interface, health and metrics. Every limit is set here; whatever goes wrong leaves as a problem document.
 *
 * Nothing here parses a body before its route asks for it: routes get bytes, because what is signed is bytes.
 */
import { randomUUID } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { fastify, type FastifyInstance } from 'fastify';
import { Failure } from '../contracts/failures.ts';
import { actRoutes } from './acts.ts';
import { breakRoutes } from './breaks.ts';
import { callbackRoutes } from './callbacks.ts';
import { caseRoutes } from './cases.ts';
import { commandRoutes } from './commands.ts';
import { consentRoutes } from './consents.ts';
import { consoleApiRoutes } from './consoleApi.ts';
import { consoleRoutes } from './consoleFiles.ts';
import { contractRoutes } from './contractFiles.ts';
import { refuseAtTheDoor, refuseOtherMethods } from './door.ts';
import { eventRoutes } from './events.ts';
import { healthRoutes } from './health.ts';
import { laneRoutes } from './lanes.ts';
import { Live } from './live.ts';
import { metricRoutes } from './metrics.ts';
import { gatewayLimits, type Edge, type GatewayLimits, type GatewayOptions } from './options.ts';
import { Pictures } from './pictures.ts';
import { answerBrokenClient, failureOf, sendProblem } from './problems.ts';
import { sandboxClockRoutes } from './sandboxClock.ts';
import { streamRoutes } from './stream.ts';
import { taskRoutes } from './tasks.ts';
import { workRoutes } from './work.ts';

export type { GatewayOptions } from './options.ts';

export interface Gateway {
  readonly url: string;
  close(): Promise<void>;
}

const defaultBodyBytesMax = 1_000;
/** An id of a message in flight names a run, a system and an operation. */
const addressPartCharsMax = 300;

export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const host = options.host ?? '127.0.0.1';
  const limits = { ...gatewayLimits, ...options.limits };
  const app = bareServer(limits);
  const urlOf = () => {
    const { port } = app.server.address() as AddressInfo;
    return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
  };
  const edge: Edge = { ...options, limits, publicAddress: () => (options.publicUrl ?? urlOf()).replace(/\/$/, '') };
  const pictures = new Pictures(options);
  const live = new Live(edge, pictures);

  refuseAtTheDoor(app, { host, hostNames: options.hostNames ?? [], publicUrl: options.publicUrl });
  const closeMethods = refuseOtherMethods(app);
  metricRoutes(app, edge, live);
  healthRoutes(app, edge);
  callbackRoutes(app, edge);
  commandRoutes(app, edge);
  caseRoutes(app, edge);
  consoleApiRoutes(app, edge, pictures);
  actRoutes(app, edge, pictures);
  taskRoutes(app, edge);
  workRoutes(app, edge);
  eventRoutes(app, edge);
  consentRoutes(app, edge);
  streamRoutes(app, edge, live);
  laneRoutes(app, edge);
  breakRoutes(app, edge);
  sandboxClockRoutes(app, edge);
  contractRoutes(app);
  consoleRoutes(app, edge);
  closeMethods();
  answerProblems(app, edge);

  live.start();
  app.addHook('onClose', async () => live.stop());
  try {
    await app.listen({ host, port: options.port });
  } catch (error) {
    await app.close();
    throw error;
  }
  return { url: urlOf(), close: () => app.close() };
}

function bareServer(limits: GatewayLimits): FastifyInstance {
  const app = fastify({
    logger: false,
    trustProxy: false,
    bodyLimit: defaultBodyBytesMax,
    requestTimeout: limits.requestTimeoutMs,
    handlerTimeout: limits.handlerTimeoutMs,
    keepAliveTimeout: limits.keepAliveMs,
    forceCloseConnections: true,
    // Fastify's own answers are not problem documents; the door refuses while the server closes.
    return503OnClosing: false,
    requestIdHeader: false,
    genReqId: () => `req_${randomUUID()}`,
    routerOptions: { maxParamLength: addressPartCharsMax, querystringParser: () => ({}) },
    ajv: { customOptions: { coerceTypes: false, removeAdditional: false, useDefaults: false, allErrors: false } },
    clientErrorHandler: answerBrokenClient,
    frameworkErrors: (error, request, reply) => void sendProblem(request, reply, failureOf(error)),
    http: {
      headersTimeout: limits.headersTimeoutMs,
      connectionsCheckingInterval: limits.timeoutCheckMs,
      requireHostHeader: false, // The door refuses it, with a problem document.
    },
  });
  app.server.maxConnections = limits.connectionsMax;
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  return app;
}

function answerProblems(app: FastifyInstance, { broker }: Edge): void {
  app.setErrorHandler((error, request, reply) => {
    const failure = failureOf(error);
    // The caller gets the request id; the operators find the bug under it.
    if (failure.type === 'INTERNAL') broker.logger.error(request.id, request.routeOptions.url, error);
    return sendProblem(request, reply, failure);
  });
  app.setNotFoundHandler(() => {
    throw new Failure('METHOD_UNKNOWN', { detail: 'the hub has nothing under this address' });
  });
}
