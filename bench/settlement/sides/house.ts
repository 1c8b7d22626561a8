/** The clearing house in a process of its own: it writes the file, and its server of files sends it. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { startFilesTwin, TwinClock, type RunningFilesTwin } from '../../../test/twins.ts';
import { answerTo } from '../../engine/answer.ts';

let twin: RunningFilesTwin | undefined;
let folder = '';

answerTo({
  open: async (setting: { folder: string; keys: Record<string, string> }) => {
    folder = setting.folder;
    twin = await startFilesTwin({
      folder,
      port: 0,
      hubUrl: 'http://127.0.0.1:9',
      clock: new TwinClock(),
      keys: setting.keys,
    });
  },
  url: async () => twin?.url,
  publish: async (wish: { on: string; seed: number; count: number }) => {
    const body = JSON.stringify({ on: wish.on, generate: wish });
    const answer = await fetch(`${twin?.control}/_twin/acts/publish`, { method: 'POST', body });
    if (answer.status !== 200) throw new Error(await answer.text());
    const path = join(folder, 'exchange', 'outbox', `JS_100690_${wish.on.replaceAll('-', '')}_01.txt`);
    return { path, bytes: statSync(path).size };
  },
  stop: async () => twin?.stop(),
});
