/** Framed messages on a bare connection: read one, or pass one on; and answers that say of themselves what is not so. */
import net, { type Socket } from 'node:net';
import type { Answer, Framing } from './subject.ts';

/** The first message that comes. */
export function framedOn(socket: Socket, frame: Framing['frame']): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let soFar = Buffer.alloc(0);
    socket.on('data', (chunk: Buffer) => {
      soFar = Buffer.concat([soFar, chunk]);
      const length = frame(soFar);
      if (length !== undefined && soFar.length >= length) resolve(soFar.subarray(0, length));
    });
    socket.once('error', reject);
    socket.once('close', () => reject(new Error('closed before a whole message came')));
  });
}

export async function forwardFramed(target: URL, request: Buffer, frame: Framing['frame']): Promise<Answer> {
  const socket = net.connect(Number(target.port), target.hostname);
  try {
    const answer = framedOn(socket, frame);
    socket.write(request);
    return { status: 200, headers: {}, body: await answer };
  } finally {
    socket.destroy();
  }
}

/** The message with another content, and a head that tells its length. What stood behind the content still does. */
export function reframed(message: Buffer, { headBytes, length }: Framing, edit: (content: Buffer) => Buffer): Buffer {
  const announced = Number(message.toString('latin1', length.at, length.at + length.digits));
  const content = edit(message.subarray(headBytes, headBytes + announced));
  return Buffer.concat([
    announcing(message.subarray(0, headBytes), { headBytes, length }, String(content.length)),
    content,
    message.subarray(headBytes + announced),
  ]);
}

/** The message as it is, but for the length that it tells. */
export function announcing(
  message: Buffer,
  { length: { at, digits } }: Pick<Framing, 'headBytes' | 'length'>,
  told: string,
): Buffer {
  const changed = Buffer.from(message);
  changed.write(told.padStart(digits, '0').slice(-digits), at, 'latin1');
  return changed;
}
