#!/usr/bin/env node
/** The command `lianshu`: begins on any Node from 20 on, goes on with the Node 24 that the project brings along. */
import { spawn } from 'node:child_process';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { bootstrap, localNode } from './bootstrap.mjs';

const main = path.join(path.dirname(fileURLToPath(import.meta.url)), 'main.ts');
const code = bootstrap();
if (code !== 0) process.exit(code);

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major > 24 || (major === 24 && minor >= 12)) {
  process.argv[1] = main; // As if it had been called by itself.
  await import(pathToFileURL(main).href);
} else {
  runInLocalNode();
}

function runInLocalNode() {
  const child = spawn(localNode() ?? process.execPath, [main, ...process.argv.slice(2)], { stdio: 'inherit' });
  // Ctrl-C reaches the child by itself, as both are in the foreground: here it must only not end the parent first.
  // What another process sends (npm, a supervisor) reaches the parent alone and is handed on.
  process.on('SIGINT', () => process.stdin.isTTY || child.kill('SIGINT'));
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.once('error', (error) => {
    process.stderr.write(`lianshu: ${error.message}\n`);
    process.exit(1);
  });
  child.once('exit', (status, signal) => process.exit(status ?? 128 + (os.constants.signals[signal] ?? 1)));
}
