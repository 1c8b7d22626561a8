/**
 * The bus between nodes. NATS is a doorbell, never the record: a node starts without it and works on while it is away.
 *
 * The transporter of Moleculer differs in three points, each of which would cost more than latency: it keeps a node from
 * starting while NATS is down; it buffers requests while the line is cut and delivers them when their callers have long
 * concluded something else; and it lets callers wait for answers that were lost with the line.
 */
import { Transporters } from 'moleculer';

/** A line that says nothing is given up after three of these. */
const pingMs = 2_000;
const reconnectMs = 500;
const connectMs = 3_000;

interface NatsClient {
  status(): AsyncIterable<{ readonly type: string }>;
}

export class NatsBus extends Transporters.NATS {
  constructor(url: string) {
    super({
      url,
      pingInterval: pingMs,
      maxPingOut: 2,
      timeout: connectMs,
      reconnectTimeWait: reconnectMs,
      reconnectJitter: reconnectMs / 2,
      maxReconnectAttempts: -1,
    });
  }

  override async connect(): Promise<void> {
    try {
      await super.connect();
    } catch (error) {
      // The node begins alone; Moleculer goes on trying. It finds the others when they hear its heartbeat.
      const waiting = this.transit as unknown as { __connectResolve: (() => void) | null };
      // oxlint-disable-next-line no-underscore-dangle -- its name over there
      waiting.__connectResolve?.();
      throw error;
    }
    void this.#watch(this.client as NatsClient);
  }

  /** While it is not connected, a request is refused at once, and certainly not sent. */
  async #watch(client: NatsClient): Promise<void> {
    for await (const { type } of client.status()) {
      if (type === 'disconnect') this.#giveUp();
      if (type === 'reconnect') await this.#comeBack();
    }
  }

  /** What was asked over the line that is gone may never be answered: unknown now, not when its time is up. */
  #giveUp(): void {
    this.connected = false;
    for (const { id, local } of this.broker.registry.nodes.toArray())
      if (!local) this.transit.removePendingRequestByNodeID(id);
  }

  /** Goes before it comes, so that the others too give up what they asked while this node could not hear. */
  async #comeBack(): Promise<void> {
    this.connected = true;
    await this.transit.sendDisconnectPacket();
    await this.onConnected(true);
  }
}
