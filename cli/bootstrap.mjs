/**
 * Brings in what is missing or stale before anything else runs: the dependencies, Node 24 among them, and the console.
 * Plain JavaScript without any import from npm, because it runs when nothing is installed yet, on Node 20 or later.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const oldestNode = 20;
const installLimitMs = 15 * 60_000;
const buildLimitMs = 5 * 60_000;
const waitLimitMs = installLimitMs + buildLimitMs;
const buildErrorLines = 20;
const waitStepMs = 200;
/** Settings of an outer npm command that would make the inner one install elsewhere, less, or nothing. */
const notInherited =
  /^(npm_(command|lifecycle|package|execpath|node_execpath)|npm_config_(global|location|prefix|local_prefix|omit|include|only|production|optional|dev|ignore_scripts|allow_scripts|dry_run|package|package_lock|package_lock_only|call|workspace|workspaces|save|user_agent|yes|json|loglevel|noproxy)$|npm_config_(save|workspace))|^(NODE_OPTIONS|NODE_ENV)$/i;

/** Returns the exit code for the process: 0 when all is in place. */
export function bootstrap() {
  if (Number(process.versions.node.split('.')[0]) < oldestNode) {
    return fail(`Node ${oldestNode} or later is needed to begin with; this is ${process.version}.`, 1);
  }
  try {
    if (!staleDependencies() && !staleConsole()) return 0;
    return whileLocked(() => {
      // Asked again: another bootstrap may just have done it while this one waited.
      const dependencies = staleDependencies();
      const code = dependencies ? installDependencies(dependencies) : 0;
      if (code !== 0) return code;
      const consoleStamp = staleConsole();
      return consoleStamp ? buildConsole(consoleStamp) : 0;
    });
  } catch (error) {
    return fail(error instanceof Error ? error.message : String(error), 1);
  }
}

/** Where Node 24 is after a bootstrap. */
export function localNode() {
  const inPackage = path.join(root, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  return fs.existsSync(inPackage) ? inPackage : undefined;
}

function dependencyStampPath() {
  return path.join(root, 'node_modules', '.lianshu-stamp');
}

/** The stamp that a fresh installation would carry, or undefined when the present one carries it. */
function staleDependencies() {
  const stamp = hashOf([path.join(root, 'package.json'), path.join(root, 'package-lock.json')]);
  return readText(dependencyStampPath()) === stamp && localNode() ? undefined : stamp;
}

function installDependencies(stamp) {
  const began = performance.now();
  say('installing dependencies, once; this takes about half a minute …');
  fs.rmSync(dependencyStampPath(), { force: true });
  // Not `npm ci`: that refuses a lock without the optional packages of platforms that the registry at hand does not offer.
  const args = [
    'install',
    '--no-save',
    '--include=dev',
    '--include=optional',
    '--ignore-scripts=false',
    '--no-audit',
    '--no-fund',
  ];
  args.push('--no-update-notifier', '--loglevel=error', '--fetch-retries=2', '--fetch-timeout=60000');
  const result = run('npm', args, installLimitMs, process.platform === 'win32');
  if (result.code !== 0) {
    process.stderr.write(`${result.output.trimEnd()}\n`);
    return fail(
      `The dependencies could not be installed (npm install ended with ${result.code}). ${advice(result)}`,
      result.code,
    );
  }
  if (!localNode()) {
    return fail('Node 24 is missing after npm install: its install script did not run. Try "npm rebuild node".', 1);
  }
  fs.writeFileSync(dependencyStampPath(), stamp);
  say(`dependencies installed in ${Math.round((performance.now() - began) / 1000)} s`);
  return 0;
}

function advice({ output }) {
  if (/ENOENT.*\bnpm\b|not found/i.test(output))
    return 'npm was not found: install Node with npm from https://nodejs.org.';
  if (/ENOTFOUND|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EAI_AGAIN|E401|E403|CERT/i.test(output)) {
    return 'The registry cannot be reached: check the network, the proxy (HTTPS_PROXY) or "npm config get registry".';
  }
  if (/EUSAGE/.test(output))
    return 'package.json and package-lock.json do not match: run "npm install" and commit the lock.';
  if (/EACCES|EPERM|EROFS/.test(output)) return `This user may not write in ${root}.`;
  if (/ENOSPC/.test(output)) return 'The disk is full.';
  return 'The lines above say why; run "npm install" by hand to see all of it.';
}

/** As with the dependencies; undefined too where this copy has no console. */
function staleConsole() {
  const folder = path.join(root, 'console');
  if (!fs.existsSync(path.join(folder, 'vite.config.ts'))) return undefined;
  const stamp = hashOf([...sourcesIn(folder), path.join(root, 'package-lock.json')]);
  const built = fs.existsSync(path.join(folder, 'dist', 'index.html'));
  return built && readText(path.join(folder, 'dist', '.stamp')) === stamp ? undefined : stamp;
}

function buildConsole(stamp) {
  const folder = path.join(root, 'console');
  const vite = path.join(root, 'node_modules', 'vite', 'bin', 'vite.js');
  const args = [vite, 'build', folder, '--config', path.join(folder, 'vite.config.ts'), '--logLevel', 'warn'];
  say('building the console …');
  const result = run(localNode() ?? process.execPath, args, buildLimitMs);
  if (result.code !== 0) {
    // The hub works without its screens, and the tests of everything else must not wait for them.
    process.stderr.write(`${result.output.trim().split('\n').slice(-buildErrorLines).join('\n')}\n`);
    say('the console could not be built, the lines above say why; going on without it');
    return 0;
  }
  fs.mkdirSync(path.join(folder, 'dist'), { recursive: true });
  fs.writeFileSync(path.join(folder, 'dist', '.stamp'), stamp);
  return 0;
}

function run(command, args, timeout, shell = false) {
  const result = spawnSync(command, args, {
    cwd: root,
    env: { ...cleanEnvironment(), NO_COLOR: '1' },
    timeout,
    shell, // npm is a script on Windows. Nothing of these arguments comes from outside.
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const spoken = `${result.stdout ?? ''}${result.stderr ?? ''}${result.error ? `${result.error.message}\n` : ''}`;
  return { code: result.status ?? (result.signal === 'SIGINT' ? 130 : 1), output: spoken };
}

/** Without our own node_modules/.bin on the path: npm may replace the very Node that it would run on. */
function cleanEnvironment() {
  const entries = Object.entries(process.env).filter(([name]) => !notInherited.test(name));
  const ownBin = path.join(root, 'node_modules');
  return Object.fromEntries(
    entries.map(([name, value]) => {
      if (name.toUpperCase() !== 'PATH') return [name, value];
      const folders = (value ?? '').split(path.delimiter).filter((folder) => !path.resolve(folder).startsWith(ownBin));
      return [name, folders.join(path.delimiter)];
    }),
  );
}

/** One at a time. A lock whose owner is dead is taken over; a living one is waited for. */
function whileLocked(work) {
  const home = path.join(root, '.lianshu');
  // As store/embedded.ts makes it: PostgreSQL's own user must be able to pass, others may not look.
  fs.mkdirSync(home, { recursive: true, mode: process.getuid?.() === 0 ? 0o711 : 0o700 });
  const lock = path.join(home, 'bootstrap.lock');
  const deadline = Date.now() + waitLimitMs;
  for (let told = false; !tryLock(lock); told = true) {
    const owner = Number(readText(lock));
    if (owner > 0 && !lives(owner)) {
      fs.rmSync(lock, { force: true });
      continue;
    }
    if (!told) say(`waiting for another start that installs (pid ${owner || 'unknown'}) …`);
    if (Date.now() > deadline)
      throw new Error(`Another start still installs after a long time; if not, remove ${lock}.`);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, waitStepMs);
  }
  try {
    return work();
  } finally {
    fs.rmSync(lock, { force: true });
  }
}

function tryLock(lock) {
  const draft = `${lock}.${process.pid}`;
  fs.writeFileSync(draft, String(process.pid));
  try {
    fs.linkSync(draft, lock); // The lock appears with its content, in one step.
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
    return false;
  } finally {
    fs.rmSync(draft, { force: true });
  }
}

function lives(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

function sourcesIn(folder) {
  return fs
    .readdirSync(folder, { withFileTypes: true })
    .filter((entry) => !['dist', 'node_modules'].includes(entry.name) && !entry.name.endsWith('.test.ts'))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const full = path.join(folder, entry.name);
      return entry.isDirectory() ? sourcesIn(full) : [full];
    });
}

function hashOf(files) {
  const hash = createHash('sha256');
  for (const file of files) {
    const content = fs.readFileSync(file);
    hash.update(`${path.relative(root, file)}\0${content.length}\0`).update(content);
  }
  // Another machine's node_modules (a shared folder, an image for another processor) do not fit here.
  return hash.update(`${process.platform}-${process.arch}`).digest('hex');
}

function readText(file) {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function say(text) {
  process.stderr.write(`lianshu: ${text}\n`);
}

function fail(text, code) {
  say(text);
  return code;
}

if (process.argv[1] && fs.realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  process.exitCode = bootstrap();
}
