/** A counterparty's server for framed messages over TCP: one request, one answer, faults as over HTTP. */
import net, { type AddressInfo, type Socket } from 'node:net';
import type { Fault, Faults } from './faults.ts';
import type { Listening, TwinContext } from './twin.ts';

interface Service<M extends object> {
  /** The length of the request that begins with these bytes, once enough of it is there. @throws Error: it is none */
  readonly frame: (soFar: Buffer) => number | undefined;
  /** The operation that a request is, for faults; undefined when it is none. */
  readonly operationOf: (request: Buffer) => string | undefined;
  readonly handle: (request: Buffer, twin: TwinContext<M>) => Promise<Buffer> | Buffer;
}

const maxRequestBytes = 8 * 1024 * 1024;
/** A client that sends nothing more is let go. */
const idleMs = 30_000;

/** What a twin's `listen` is made of. */
export function framed<M extends object>(service: Service<M>) {
  return async (twin: TwinContext<M>, port: number, faults: Faults): Promise<Listening> => {
    const sockets = new Set<Socket>();
    const server = net.createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.once('close', () => sockets.delete(socket));
      socket.setTimeout(idleMs, () => socket.destroy());
      void serve(socket, service, twin, faults).catch(() => socket.destroy());
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', () => resolve());
    });
    return {
      url: `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`,
      async stop() {
        for (const socket of sockets) socket.destroy();
        await new Promise((resolve) => server.close(resolve));
      },
    };
  };
}

async function serve<M extends object>(
  socket: Socket,
  service: Service<M>,
  twin: TwinContext<M>,
  faults: Faults,
): Promise<void> {
  const request = await requestOn(socket, service.frame);
  const operation = service.operationOf(request);
  const fault = operation === undefined ? undefined : faults.take(operation);
  if (endedBefore(fault, socket)) return;
  const answer = await service.handle(request, twin);
  twin.save();
  if (await endedAfter(fault, socket, answer)) return;
  socket.end(answer);
}

function requestOn(socket: Socket, frame: Service<object>['frame']): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let soFar = Buffer.alloc(0);
    socket.on('data', (chunk: Buffer) => {
      soFar = Buffer.concat([soFar, chunk]);
      try {
        const length = frame(soFar);
        if ((length ?? soFar.length) > maxRequestBytes) throw new Error('the request is too large');
        if (length !== undefined && soFar.length >= length) resolve(soFar.subarray(0, length));
      } catch (thrown) {
        reject(thrown);
      }
    });
    socket.once('close', () => reject(new Error('the client went away')));
  });
}

/** True when the fault ended the request before anything was done. A hanging one is ended by the client. */
function endedBefore(fault: Fault | undefined, socket: Socket): boolean {
  switch (fault?.fault) {
    case 'refuse-connection':
      socket.destroy();
      return true;
    case 'timeout-before-effect':
      return true;
    case 'error-500':
      socket.end('<html><body><h1>500 Internal Server Error</h1></body></html>');
      return true;
    default:
      return false;
  }
}

/** True when the fault ended the request after it was done. */
async function endedAfter(fault: Fault | undefined, socket: Socket, answer: Buffer): Promise<boolean> {
  switch (fault?.fault) {
    case 'timeout-after-effect':
      return true;
    case 'reset-after-effect':
      socket.write(answer.subarray(0, 8));
      setTimeout(() => socket.resetAndDestroy(), 20);
      return true;
    case 'garbage':
      socket.end(Buffer.from([0xff, 0xfe, 0x00, 0x3c, 0x3c, 0x7b]));
      return true;
    case 'slow':
      await new Promise((resolve) => setTimeout(resolve, fault.delayMs ?? 2_000));
      return false;
    default:
      return false;
  }
}
