/**
 * One node of the hub. Without NATS_URL it is the only one and services call each other in-process; with it, any number
 * of nodes run any subset of the services. NATS is a doorbell, never the record.
 *
 * Broker settings that are off by default and must not be: timeouts, depth of calls. Retries stay off: what may be
 * tried again is decided by the engine, never by the bus.
 */
import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import type { BrokerOptions } from 'moleculer';
import { NatsBus } from './cli/nats.ts';

const natsUrl = process.env['NATS_URL'];

const config: BrokerOptions = {
  // Two containers may both be process 1 of a machine of the same name: an id that comes twice ends both nodes.
  nodeID: `${hostname()}-${process.pid}-${randomBytes(3).toString('hex')}`,
  namespace: 'lianshu',
  transporter: natsUrl ? new NatsBus(natsUrl) : null,
  logger: process.env['LIANSHU_LOG'] === 'debug',
  // Longer than any adapter waits for its counterparty: an answer that is late here would be unknown for no reason.
  requestTimeout: 150_000,
  // Seconds. What waits for a node that died is given up after this, not after the request's own time.
  heartbeatInterval: 1,
  heartbeatTimeout: 4,
  maxCallLevel: 20,
  retryPolicy: { enabled: false },
  // By default the broker ends the process on a signal, in the middle of the hub's own orderly stop.
  skipProcessEventRegistration: true,
  metrics: false,
  tracing: false,
};

export default config;
