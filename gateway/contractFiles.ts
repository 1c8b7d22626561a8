/** The contracts that partners speak, as JSON Schema files for download: no secret is in them, so anybody may read them. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { Failure } from '../contracts/failures.ts';

const folder = join(import.meta.dirname, '..', 'contracts', 'published');
/** One plain name: no way leads out of the folder. */
const fileName = /^[\w-][\w.-]{0,150}\.json$/;

export function contractRoutes(app: FastifyInstance): void {
  app.get('/contracts/:file', async (request, reply) => {
    const { file } = request.params as { file: string };
    const text = fileName.test(file) ? await readFile(join(folder, file)).catch(() => undefined) : undefined;
    if (!text) throw new Failure('NOT_FOUND', { detail: 'no such contract; /contracts/index.json lists them' });
    const type = file === 'index.json' ? 'application/json' : 'application/schema+json';
    return reply.headers({ 'content-type': type, 'cache-control': 'public, max-age=3600' }).send(text);
  });
}
