/** The operators' console as it was built, under a content policy that allows its own files and nothing else. */
import { readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { Failure } from '../contracts/failures.ts';
import { requireOperator } from './operators.ts';
import type { Edge } from './options.ts';

const policy = [
  "default-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** For every page. */
export const documentHeaders: Readonly<Record<string, string>> = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': policy,
  'cache-control': 'no-store',
};

const types: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.map': 'application/json',
};

export function consoleRoutes(app: FastifyInstance, edge: Edge): void {
  const folder = edge.consoleFolder;
  const preHandler = requireOperator(edge);
  // The console finds its own way below /runs; any other address is unknown, and said to be.
  for (const url of ['/', '/runs', '/runs/*']) {
    app.get(url, { preHandler }, async (_request, reply) => {
      const built = folder === undefined ? undefined : await fileOf(join(folder, 'index.html'));
      return reply.headers(documentHeaders).send(built ?? notBuiltPage);
    });
  }
  app.get('/assets/:name', { preHandler }, (request, reply) => sendAsset(folder, request.params, reply));
}

async function sendAsset(folder: string | undefined, params: unknown, reply: FastifyReply): Promise<FastifyReply> {
  const { name } = params as { name: string };
  const type = types[extname(name)];
  // One plain name: no way leads out of the folder.
  const isPlain = /^[A-Za-z0-9_-][A-Za-z0-9._-]*$/.test(name);
  const file =
    folder === undefined || type === undefined || !isPlain ? undefined : await fileOf(join(folder, 'assets', name));
  if (file === undefined || type === undefined)
    throw new Failure('NOT_FOUND', { detail: 'the console has no such file' });
  // The build puts a hash of the content into the name.
  return reply
    .headers({
      'content-type': type,
      'cache-control': 'public, max-age=31536000, immutable',
      'content-security-policy': policy,
    })
    .send(file);
}

/** Shown for the moment between an order and its run; asks again by itself. */
export function waitingPage(orderNo: string): string {
  return page(
    '<meta http-equiv="refresh" content="1">',
    `<h1>订单 ${escaped(orderNo)} 已受理</h1><p>流程即将开始，本页自动刷新。</p>
     <p lang="en">The order is taken; its run begins in a moment. This page looks again by itself.</p>`,
  );
}

const notBuiltPage = page(
  '',
  `<h1>控制台尚未构建</h1><p>请运行 <code>npx vite build --config console/vite.config.ts</code>，然后刷新本页。</p>
   <p lang="en">The console is not built yet: run <code>npx vite build --config console/vite.config.ts</code> and load this page again.
   The hub itself is running: <a href="/health/ready">/health/ready</a>.</p>`,
);

function page(head: string, body: string): string {
  return `<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8"><title>链枢 Lianshu</title>${head}</head><body>${body}</body></html>
`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

async function fileOf(path: string): Promise<Buffer | undefined> {
  return readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR' || error.code === 'EISDIR') return undefined;
    throw error;
  });
}
