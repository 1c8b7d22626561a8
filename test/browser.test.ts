/**
 * The console as an operator meets it, on a real hub with a real case: what is drawn is what happened, live, and nobody's
 * number can be read. `LIANSHU_SCREENSHOTS=1` also takes the pictures of the README.
 */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type BrowserContext, type Page } from 'playwright-core';
import { companies, dealers } from '../sandbox/world.ts';
import * as hub from './hub.ts';

const chromiumPath = '/usr/bin/chromium';
const flags = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'];
const quietFlags = ['--disable-background-networking', '--disable-component-update', '--disable-sync'];
const missing = !existsSync(chromiumPath);
if (missing) process.stdout.write(`browser.test.ts: ${chromiumPath} is missing, skipped (apt-get install chromium)\n`);
const inBrowser = missing && process.env['CI'] === undefined ? test.skip : test;
const setupMs = 120_000;
const caseMs = 90_000;
const lookMs = 300;
const quietLooks = 5;
const screenshots = process.env['LIANSHU_SCREENSHOTS'] === '1';

let home: hub.Home;
let started: hub.TestHub;
let profile: string;
let browser: BrowserContext;

beforeAll(async () => {
  if (missing) return;
  buildConsole();
  home = await hub.newHome();
  // Slow enough to be watched.
  started = await hub.startTestHub(home, ['--speed', '21600']);
  profile = mkdtempSync(join(tmpdir(), 'lianshu-profile-'));
  browser = await chromium.launchPersistentContext(profile, {
    executablePath: chromiumPath,
    headless: true,
    viewport: { width: 1440, height: 900 },
    deviceScaleFactor: 1,
    locale: 'zh-CN',
    timezoneId: 'Asia/Shanghai',
    reducedMotion: 'reduce',
    args: [...flags, ...quietFlags],
  });
  browser.setDefaultTimeout(15_000);
}, setupMs);

afterAll(async () => {
  if (missing) return;
  await browser?.close();
  if (profile) rmSync(profile, { recursive: true, force: true });
  try {
    await started?.stop();
  } finally {
    await home?.remove();
  }
}, setupMs);

inBrowser(
  'a case is seen from its order to its released goods, live and complete, without anybody’s numbers',
  async () => {
    if (missing) throw new Error(`${chromiumPath} is missing on CI`);
    const page = await browser.newPage();
    const heard = listenTo(page);
    await page.goto(`${started.url}/runs`);
    const orderNo = await hub.placeOrder(started);
    await page.getByRole('link', { name: orderNo }).first().waitFor();
    await page.getByRole('link', { name: orderNo }).first().click();
    await page.waitForURL('**/runs/*');
    await page.locator('[data-message]').first().waitFor();
    const navigations = () => page.evaluate(() => performance.getEntriesByType('navigation').length);
    const begun = await page.locator('[data-message]').count();
    await page.locator('.head').first().waitFor();
    expect(await hub.stateOf(started, orderNo, caseMs)).toBe('released');
    await page.locator('.milestones li.done').nth(10).waitFor();
    // The last messages may be drawn a moment after the last milestone.
    const told = await drawnInTheEnd(page);
    // Drawn while it ran, by the stream alone.
    expect(told).toBeGreaterThan(begun + 20);
    expect(await navigations()).toBe(1);
    expect(await page.locator('.milestones li.done').count()).toBe(11);
    const heads = await page.locator('.head').allInnerTexts();
    expect(heads.join(' ')).toContain('链枢');
    await page.reload();
    await page.locator('.milestones li.done').nth(10).waitFor();
    expect(await page.locator('.head').allInnerTexts()).toEqual(heads);
    expect(await page.locator('[data-message]').count()).toBe(told);

    await lookIntoEveryMessage(page);
    await page.goto(`${started.url}/runs`);
    await page.getByText('已完成').first().waitFor();
    if (screenshots) await takePictures(page, orderNo);
    expect(heard.found()).toEqual([]);
    expect(heard.complaints).toEqual([]);
    await page.close();
  },
  caseMs + 60_000,
);

/** Opens each exchange of the run as a click on its message does. */
async function lookIntoEveryMessage(page: Page): Promise<void> {
  const first = page.locator('[data-message]').first();
  await first.click();
  await page.getByRole('complementary').waitFor();
  await page.getByRole('complementary').locator('.exchange-body, pre, .json').first().waitFor();
  const ids = await page
    .locator('[data-message]')
    .evaluateAll((all) => all.map((one) => one.getAttribute('data-message') ?? ''));
  let seen = '';
  for (const id of ids) {
    await page.locator(`[data-message="${id}"]`).click();
    await page.waitForURL((url) => url.searchParams.get('e') === id);
    await page.getByRole('complementary').locator('.exchange-body, pre, .json').first().waitFor();
    const shown = await page.content();
    expect({ id, leaks: secretsIn(shown) }).toEqual({ id, leaks: [] });
    seen += shown;
    const { status, text } = await page.evaluate(
      async (path) => {
        const answer = await fetch(path);
        return { status: answer.status, text: await answer.text() };
      },
      `/v1/exchanges/${encodeURIComponent(id)}`,
    );
    expect({ id, status }).toEqual({ id, status: 200 });
    expect({ id, leaks: secretsIn(text) }).toEqual({ id, leaks: [] });
  }
  // Masked, not left out: what is looked for above was really there.
  expect(seen).toMatch(/138\*{4}00\d\d/);
}

/** How many messages the picture has when none comes any more. */
async function drawnInTheEnd(page: Page): Promise<number> {
  let [count, looks] = [0, 0];
  while (looks < quietLooks) {
    await page.waitForTimeout(lookMs);
    const now = await page.locator('[data-message]').count();
    looks = now === count ? looks + 1 : 0;
    count = now;
  }
  return count;
}

/** What nobody may read on a screen: numbers of people, of their cards, and of accounts. */
const secrets = [
  ...companies.flatMap(({ legalRep, account }) => [legalRep.idNo, legalRep.phone, account.accountNo]),
  ...dealers.flatMap(({ agent, picker }) => [
    agent.idNo,
    agent.phone,
    agent.cardNo ?? agent.idNo,
    picker.idNo,
    picker.phone,
  ]),
];

function secretsIn(text: string): string[] {
  return [...new Set(secrets)].filter((secret) => text.includes(secret));
}

/** Whatever the page receives or complains about, from its first request on. */
function listenTo(page: Page): { complaints: string[]; found(): string[] } {
  const complaints: string[] = [];
  const leaks: string[] = [];
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('requestfailed', (request) => {
    // A page that is left ends its stream.
    if (!request.url().includes('/stream')) complaints.push(`${request.url()} ${request.failure()?.errorText}`);
  });
  page.on('response', (answer) => {
    if (answer.status() >= 400) complaints.push(`${answer.url()} ${answer.status()}`);
    if (answer.headers()['content-type']?.includes('json'))
      void answer.text().then(
        (text) => leaks.push(...secretsIn(text).map((secret) => `${answer.url()}: ${secret}`)),
        () => undefined,
      );
  });
  return { complaints, found: () => leaks };
}

async function takePictures(page: Page, orderNo: string): Promise<void> {
  const folder = join(hub.root, 'docs', 'images');
  mkdirSync(folder, { recursive: true });
  for (let more = 0; more < 6; more += 1) {
    await hub.placeOrder(started);
    await page.waitForTimeout(1_200);
  }
  await page.goto(`${started.url}/runs`);
  await page.getByRole('row').nth(7).waitFor();
  await page.screenshot({ path: join(folder, 'runs.png') });
  await page.getByRole('link', { name: orderNo }).first().click();
  await page.locator('.milestones li.done').nth(10).waitFor();
  await page.locator('.head').first().waitFor();
  await page.screenshot({ path: join(folder, 'run.png') });
  for (const name of ['run.png', 'runs.png']) expect(statSync(join(folder, name)).size).toBeLessThan(400_000);
}

/** As `npm start` expects it: built into console/dist. */
function buildConsole(): void {
  const folder = join(hub.root, 'console');
  const sources = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
    (name) => !name.startsWith('dist') && /\.(tsx?|css|html|svg)$/.test(name) && !name.endsWith('.test.ts'),
  );
  const newestMs = Math.max(...sources.map((name) => statSync(join(folder, name)).mtimeMs));
  const index = join(folder, 'dist', 'index.html');
  if (existsSync(index) && statSync(index).mtimeMs > newestMs) return;
  const vite = join(hub.root, 'node_modules', 'vite', 'bin', 'vite.js');
  const built = spawnSync(process.execPath, [vite, 'build', '--config', join(folder, 'vite.config.ts')], {
    encoding: 'utf8',
    timeout: 60_000,
    env: { ...process.env, NODE_ENV: 'production' },
  });
  if (built.status !== 0) throw new Error(`vite build failed:\n${built.stdout}\n${built.stderr}`);
}
