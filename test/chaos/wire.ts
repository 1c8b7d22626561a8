/** A line that can be cut: a TCP proxy before the NATS server, and the server itself. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** `silent`: connections stand and nothing comes through. `refused`: they are reset, and new ones too. */
export type LineState = 'open' | 'silent' | 'refused';

export interface Line {
  readonly port: number;
  set(state: LineState): void;
  close(): void;
}

export async function openLine(targetPort: number): Promise<Line> {
  let state: LineState = 'open';
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    if (state === 'refused') return void near.resetAndDestroy();
    const far = connect(targetPort, '127.0.0.1');
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.on('error', () => to.destroy());
      from.on('close', () => {
        sockets.delete(from);
        to.destroy();
      });
      from.on('data', (bytes) => {
        if (state === 'open') to.write(bytes);
      });
    }
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    port: (server.address() as AddressInfo).port,
    set(next) {
      // What was swallowed leaves a hole in the stream: such a connection can never speak again.
      if (state === 'silent' || next === 'refused') for (const socket of sockets) socket.resetAndDestroy();
      state = next;
    },
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

const places = ['/usr/sbin/nats-server', '/usr/bin/nats-server', '/usr/local/bin/nats-server'];

export const natsServerPath = process.env['NATS_SERVER'] ?? places.find((place) => existsSync(place));
export const natsMissing = 'nats-server is missing (apt-get install nats-server, or NATS_SERVER=<path>)';

export interface NatsServer {
  readonly port: number;
  stop(): Promise<void>;
}

export async function startNats(port: number): Promise<NatsServer> {
  if (natsServerPath === undefined) throw new Error(natsMissing);
  const child = spawn(natsServerPath, ['--addr', '127.0.0.1', '--port', String(port)], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (part: string) => (said = (said + part).slice(-2_000)));
  const onExit = () => child.kill('SIGKILL');
  process.once('exit', onExit);
  for (let waited = 0; !(await answers(port)); waited += 20) {
    if (child.exitCode !== null || waited > 10_000) throw new Error(`nats-server did not start:\n${said}`);
    await sleep(20);
  }
  return {
    port,
    async stop() {
      process.off('exit', onExit);
      await ended(child);
    },
  };
}

export async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((exit) => child.once('exit', exit));
  child.kill('SIGKILL');
  await gone;
}

export async function freePort(): Promise<number> {
  // Below the ports that the system gives to outgoing connections: while the server is away, none of them may take it.
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 10_000);
    const free = await new Promise<boolean>((done) => {
      const probe = createServer();
      probe.once('error', () => done(false));
      probe.listen(port, '127.0.0.1', () => probe.close(() => done(true)));
    });
    if (free) return port;
  }
}

function answers(port: number): Promise<boolean> {
  return new Promise((done) => {
    const probe = connect(port, '127.0.0.1', () => {
      probe.destroy();
      done(true);
    });
    probe.once('error', () => done(false));
  });
}
