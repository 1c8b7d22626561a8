/** Where a hub keeps what is its own: `.lianshu/` in the checkout, or LIANSHU_HOME. */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { after, businessDate, isWorkingDay } from '../engine/calendar.ts';
import type { ClockSetting } from '../engine/clock.ts';

export const projectFolder = resolve(import.meta.dirname, '..');

export function homeFolder(): string {
  const home = resolve(process.env['LIANSHU_HOME'] ?? join(projectFolder, '.lianshu'));
  mkdirSync(home, { recursive: true });
  return home;
}

/** With a seed, business begins on this day. */
const seededDay = new Date('2026-11-23T09:00:00+08:00');
/** A working day of the sandbox takes two real seconds. */
const sandboxSpeed = 43_200;

/** The sandbox's clock, kept so that a restart goes on where it was: time never runs backwards. */
export function sandboxClock(home: string, options: { speed?: number; seed?: string } = {}): ClockSetting {
  const file = join(home, 'clock.json');
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as ClockSetting;
  const { speed = sandboxSpeed } = options;
  const setting = {
    realMs: Date.now(),
    businessMs: nextMorning(options.seed === undefined ? new Date() : seededDay).getTime(),
    speed,
  };
  keepClock(home, setting);
  return setting;
}

export function keepClock(home: string, setting: ClockSetting): void {
  writeWhole(join(home, 'clock.json'), JSON.stringify(setting));
}

/** All of it or nothing: whoever reads it meanwhile, or after a crash, finds the old text or the new one. */
export function writeWhole(path: string, text: string): void {
  const draft = `${path}.${process.pid}.new`;
  writeFileSync(draft, text, { mode: 0o600 });
  renameSync(draft, path);
}

/** Nine o'clock in Shanghai on this working day or the next. */
function nextMorning(now: Date): Date {
  let day = now;
  while (!isWorkingDay(businessDate(day))) day = after(day, '24 hours');
  return new Date(`${businessDate(day)}T09:00:00+08:00`);
}

const portWanted = 7600;

/** The hub's port of last time, else 7600, else a free one: addresses that twins and people know should stay. */
export async function hubPort(home: string): Promise<number> {
  const file = join(home, 'hub.port');
  const wanted = Number(process.env['LIANSHU_PORT'] ?? (existsSync(file) ? readFileSync(file, 'utf8') : portWanted));
  const port = (await isFree(wanted)) ? wanted : await anyFree();
  writeWhole(file, String(port));
  return port;
}

async function isFree(port: number): Promise<boolean> {
  return new Promise((done) => {
    const server = createServer();
    server.once('error', () => done(false));
    server.listen(port, '127.0.0.1', () => server.close(() => done(true)));
  });
}

async function anyFree(): Promise<number> {
  return new Promise((done, fail) => {
    const server = createServer();
    server.once('error', fail);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => done(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
