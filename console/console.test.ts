/** The console as an operator meets it: built, served under the strict policy, driven in a real Chromium. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { chromium } from 'playwright-core';
import type { BrowserContext, Page } from 'playwright-core';
import { startFixture } from './fixture.ts';
import type { Fixture, FixtureOptions } from './fixture.ts';
import { RUN_ID, storyRun } from './fixtureStory.ts';

const HERE = fileURLToPath(new URL('.', import.meta.url));
const CHROMIUM = '/usr/bin/chromium';
const PAGE_TIMEOUT_MS = 10_000;
const FLAGS = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run']; // Debian's build in a container.
const QUIET_FLAGS = ['--disable-background-networking', '--disable-component-update', '--disable-sync'];

const missing = !existsSync(CHROMIUM);
if (missing)
  process.stdout.write(
    `console.test.ts: ${CHROMIUM} is missing, the browser tests are skipped (apt-get install chromium)\n`,
  );
const inBrowser = missing && process.env.CI === undefined ? test.skip : test;

let dist = '';
let profile = '';
let browser: BrowserContext;
let fixture: Fixture;
let page: Page;
let complaints: string[] = [];

beforeAll(async () => {
  if (missing) return;
  dist = builtConsole();
  profile = mkdtempSync(path.join(os.tmpdir(), 'console-profile-'));
  browser = await chromium.launchPersistentContext(profile, {
    executablePath: CHROMIUM,
    headless: true,
    viewport: { width: 1440, height: 900 },
    locale: 'zh-CN',
    timezoneId: 'Europe/Berlin', // Not Shanghai: the screens must not depend on where the operator sits.
    reducedMotion: 'reduce',
    args: [...FLAGS, ...QUIET_FLAGS],
  });
  browser.setDefaultTimeout(PAGE_TIMEOUT_MS);
}, 60_000);

afterAll(async () => {
  if (missing) return;
  await browser.close();
  rmSync(profile, { recursive: true, force: true });
  if (dist.startsWith(os.tmpdir())) rmSync(dist, { recursive: true, force: true });
});

beforeEach(() => {
  if (missing && process.env.CI !== undefined) throw new Error(`${CHROMIUM} is missing on CI`);
  complaints = [];
});

/** Whatever a test did, the browser found nothing to complain about: no script error, no refused content, no failed load. */
afterEach(async () => {
  if (missing) return;
  await page.evaluate(() => localStorage.clear());
  await page.close();
  await fixture.close();
  expect(complaints).toEqual([]);
});

inBrowser('the list shows runs, who is waited for, and amounts exactly', async () => {
  await open('/runs');
  await page.getByRole('link', { name: 'PO-4500001234' }).waitFor();
  await page.locator('.clock').waitFor(); // Waits are counted on the gateway's clock, never on the browser's.
  const row = page.getByRole('row').filter({ hasText: 'PO-4500001234' });
  expect(await row.innerText()).toMatch(
    /等待外部[\s\S]*资方银行 · 审批结果[\s\S]*已等 1 天 3 小时[\s\S]*2,857,190\.00[\s\S]*11-23 09:00/,
  );
  expect(await page.getByRole('row').count()).toBe(1 + 38);
});

inBrowser('j, k and Enter walk through the list and open a run', async () => {
  await open('/runs');
  await page.getByRole('link', { name: 'PO-4500001234' }).waitFor();
  for (const key of ['j', 'j', 'k']) await page.keyboard.press(key);
  expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('PO-4500001234');
  await page.keyboard.press('Enter');
  await page.waitForURL(`**/runs/${RUN_ID}`);
});

inBrowser('filters live in the address, and an empty result says which filter hides what', async () => {
  await open('/runs');
  await page.getByRole('button', { name: '失败' }).click();
  await page.getByLabel('搜索单号、案件号、客户').fill('zzz');
  await page.getByText('没有符合筛选的运行').waitFor();
  expect(new URL(page.url()).search).toBe('?state=failed&q=zzz');
  await page.getByText('去掉「搜索 = zzz」有 3 条').click();
  await page.getByRole('row').nth(3).waitFor();
  expect(new URL(page.url()).search).toBe('?state=failed');
});

inBrowser('a list without any run tells how to send the first order', async () => {
  await open('/runs', { runs: 0 });
  await page.getByText('npx lianshu send <file>').waitFor();
});

inBrowser('a run that starts appears by itself, but waits while a row is in use', async () => {
  await open('/runs');
  await page.getByRole('link', { name: 'PO-4500001234' }).waitFor();
  await live();
  fixture.startRun({ ...storyRun(2), id: 'new-1', key: 'PO-NEW-1' });
  await page.getByRole('link', { name: 'PO-NEW-1' }).waitFor();
  await page.keyboard.press('j');
  fixture.startRun({ ...storyRun(2), id: 'new-2', key: 'PO-NEW-2' });
  await page.getByRole('button', { name: '1 条新运行' }).click();
  await page.getByRole('link', { name: 'PO-NEW-2' }).waitFor();
});

inBrowser('a run shows its lifelines, eleven milestones and the wait that runs now', async () => {
  await open(`/runs/${RUN_ID}`);
  await page.locator('.row').first().waitFor();
  await page.locator('.clock').waitFor();
  expect(await page.locator('.head').count()).toBe(12);
  expect(await page.locator('.milestones li').count()).toBe(11);
  expect(await page.locator('.milestones li.done').count()).toBe(4);
  expect(await page.locator('.banner').innerText()).toMatch(/等待 资方银行 审批结果[\s\S]*已等 1 天 3 小时/);
  expect(await page.getByText('等待 客户 3 小时 7 分').count()).toBe(1);
  expect(await page.locator('.waiting-now').innerText()).toContain('已等 1 天 3 小时');
});

inBrowser('a live message appears without a reload and is announced when it is out of sight', async () => {
  await open(`/runs/${RUN_ID}`);
  await page.locator('.row').first().waitFor();
  await live();
  const before = await page.evaluate(() => performance.getEntriesByType('navigation').length);
  for (let i = 0; i < 3; i += 1) fixture.tell();
  await page.getByRole('button', { name: '3 条新消息' }).click();
  await page.locator('[data-message=ex-0024]').waitFor();
  expect(await page.locator('.milestones li.done').count()).toBe(5);
  expect(await page.evaluate(() => performance.getEntriesByType('navigation').length)).toBe(before);
  fixture.tell();
  await page.locator('[data-message=ex-0025]').waitFor();
  expect(await page.locator('.pill').count()).toBe(0); // At the bottom now, so it follows.
});

inBrowser('clicking a message opens its exchange with masked values, and the keyboard does the same', async () => {
  await open(`/runs/${RUN_ID}`);
  await page.locator('[data-message=ex-0016]').click();
  const panel = page.getByRole('complementary');
  await panel.getByText('138****5521').waitFor();
  expect(await panel.innerText()).toMatch(/结果未知[\s\S]*TIMEOUT[\s\S]*厦门\*\*有限公司/);
  expect(new URL(page.url()).search).toBe('?e=ex-0016');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await page.getByRole('complementary', { name: '报文: 查询申请是否受理' }).getByText('验签通过').waitFor();
  await page.keyboard.press('Escape');
  await panel.waitFor({ state: 'detached' });
});

inBrowser('minor messages unfold, a party or a failure can be singled out, and the picture downloads', async () => {
  await open(`/runs/${RUN_ID}`, { shown: 47 });
  await page
    .getByRole('button', { name: /展开 3 条/ })
    .first()
    .click();
  await page.locator('[data-message=ex-0019]').waitFor();
  await page.getByRole('button', { name: '收起' }).click();
  await page.getByRole('button', { name: '仅异常' }).click();
  expect(await page.locator('[data-message]').count()).toBe(2);
  await page.getByRole('button', { name: '清除全部筛选' }).click();
  await page.getByRole('button', { name: /只看 实名认证/ }).click();
  expect(await page.locator('[data-message]').count()).toBe(2);
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: '导出 SVG' }).click(),
  ]);
  expect(download.suggestedFilename()).toBe('CASE-20261123-000001.svg');
});

inBrowser('a replay takes the whole page back in time', async () => {
  await open(`/runs/${RUN_ID}`, { shown: 47 });
  const slider = page.getByRole('slider');
  await slider.focus();
  await page.keyboard.press('Home');
  await page.getByText('还没有消息').waitFor();
  expect(await page.locator('.milestones li.done').count()).toBe(0);
  await page.getByRole('button', { name: '10 倍速回放' }).click();
  await page.locator('.milestones li.done').first().waitFor();
  await page.getByRole('button', { name: '回到实时' }).click();
  expect(await page.locator('.milestones li.done').count()).toBe(11);
});

inBrowser('English is one click away and remembered', async () => {
  await open(`/runs/${RUN_ID}`);
  await page.getByRole('button', { name: 'English' }).click();
  await page.getByText('Waiting for Funder bank: credit decision').first().waitFor();
  expect(await page.evaluate(() => document.documentElement.lang)).toBe('en');
  await page.goto(`${fixture.url}/runs`);
  await page.getByRole('heading', { name: 'Runs' }).waitFor();
});

inBrowser('every control has a name, every id is unique, and nothing overflows on a phone', async () => {
  for (const address of [
    '/runs',
    `/runs/${RUN_ID}?e=ex-0026`,
    `/runs/${RUN_ID}?tab=steps`,
    `/runs/${RUN_ID}?tab=messages`,
  ]) {
    await open(address, { shown: 47 }, address === '/runs');
    await page.locator('.runs, .exchange-body, .plain').first().waitFor();
    expect(await namelessControls()).toEqual([]);
    await page.setViewportSize({ width: 400, height: 860 });
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(400);
    await page.setViewportSize({ width: 1440, height: 900 });
  }
});

inBrowser('an error shows its request id and heals on retry', async () => {
  await open('/runs');
  await page.getByRole('link', { name: 'PO-4500001234' }).waitFor();
  fixture.failWith(503);
  await page.getByRole('button', { name: '失败' }).click();
  await page.getByText('req_fixture_1').waitFor();
  fixture.failWith(null);
  await page.getByRole('button', { name: '重试' }).click();
  await page.getByRole('alert').waitFor({ state: 'detached' });
  complaints = complaints.filter((line) => !line.includes('503')); // The browser reports the failure we asked for.
});

inBrowser(
  'a lost stream turns the dot stale, and what happened meanwhile is there afterwards',
  async () => {
    await open(`/runs/${RUN_ID}`);
    await live();
    fixture.cut(true);
    await page.locator('.freshness.stale').waitFor({ timeout: 15_000 });
    fixture.tell();
    await page.locator('[data-message=ex-0022]').waitFor();
    fixture.cut(false);
    await live();
    complaints = complaints.filter((line) => !/503|ERR_INCOMPLETE_CHUNKED_ENCODING/.test(line));
  },
  30_000,
);

async function open(address: string, options: Omit<FixtureOptions, 'dist'> = {}, first = true): Promise<void> {
  if (first) {
    fixture = await startFixture({ dist, ...options });
    page = await browser.newPage();
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
  }
  await page.goto(fixture.url + address);
}

async function live(): Promise<void> {
  await page.locator('.freshness.live').waitFor();
}

/** The minimum of an accessibility audit: names for controls, one element per id. */
function namelessControls(): Promise<string[]> {
  return page.evaluate(() => {
    const controls = [
      ...document.querySelectorAll<HTMLElement>('button, a[href], input, select, progress, [role=tab]'),
    ];
    const nameless = controls.filter(
      (control) => !(control.getAttribute('aria-label') ?? control.textContent ?? '').trim() && !control.title,
    );
    const ids = [...document.querySelectorAll('[id]')].map((element) => element.id);
    return [
      ...nameless.map((control) => control.outerHTML.slice(0, 120)),
      ...ids.filter((id, i) => ids.indexOf(id) !== i),
    ];
  });
}

/** The last build when nothing changed since, a build into a temporary folder otherwise. */
function builtConsole(): string {
  const built = path.join(HERE, 'dist');
  const sources = readdirSync(HERE, { recursive: true, encoding: 'utf8' }).filter(
    (name) => !name.startsWith('dist') && /\.(tsx?|css|html|svg)$/.test(name) && !name.endsWith('.test.ts'),
  );
  const newestMs = Math.max(...sources.map((name) => statSync(path.join(HERE, name)).mtimeMs));
  const index = path.join(built, 'index.html');
  if (existsSync(index) && statSync(index).mtimeMs > newestMs) return built;
  const target = mkdtempSync(path.join(os.tmpdir(), 'console-dist-'));
  const vite = path.join(HERE, '../node_modules/vite/bin/vite.js');
  const args = [vite, 'build', '--config', path.join(HERE, 'vite.config.ts'), '--outDir', target, '--emptyOutDir'];
  const run = spawnSync(process.execPath, args, {
    encoding: 'utf8',
    timeout: 60_000,
    env: { ...process.env, NODE_ENV: 'production' },
  });
  if (run.status !== 0) throw new Error(`vite build failed:\n${run.stdout}\n${run.stderr}`);
  process.stdout.write(`${/console: .*/.exec(run.stdout)?.[0] ?? ''}\n`);
  return target;
}
