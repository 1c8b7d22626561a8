/** Posts to the parties what they subscribed to (Standard Webhooks 1.0.0), with the secret that they share with the hub. */
import { exchangeHttp } from '../adapters/http.ts';
import { isFailure } from '../contracts/failures.ts';
import { shanghaiTime } from '../engine/calendar.ts';
import { signatureOf } from '../gateway/signature.ts';
import { takeDue, wasDelivered, wasNotDelivered, type Posting } from '../ledger/oversight/tidings.ts';
import type { Store } from '../store/store.ts';

const lookMs = 1_000;
const atOnce = 20;
const timeoutMs = 15_000;

export interface Webhooks {
  stop(): Promise<void>;
}

export interface WebhookOptions {
  readonly store: Store;
  readonly secretOf: (caller: string) => string | undefined;
  /** In a sandbox the parties are on this machine, too. */
  readonly allowPrivate: boolean;
  readonly onProblem: (problem: string) => void;
}

export function startWebhooks(options: WebhookOptions): Webhooks {
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  const round = async (): Promise<void> => {
    const due = await takeDue(options.store, atOnce);
    await Promise.all(due.map((posting) => post(posting, options)));
    if (due.length === atOnce && !stopped) await round();
  };
  let running = Promise.resolve();
  const look = () => {
    running = round()
      .catch((thrown: unknown) => options.onProblem(`webhooks: ${String(thrown)}`))
      .finally(() => {
        if (!stopped) timer = setTimeout(look, lookMs);
      });
  };
  look();
  return {
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await running;
    },
  };
}

async function post(posting: Posting, { store, secretOf, allowPrivate }: WebhookOptions): Promise<void> {
  const secret = secretOf(posting.caller);
  if (secret === undefined)
    return wasNotDelivered(store, posting, { problem: 'the caller shares no secret with the hub', gone: false });
  const { id, type, at, data } = posting;
  const body = Buffer.from(JSON.stringify({ type, timestamp: shanghaiTime(at), data }));
  const timestamp = String(Math.floor(Date.now() / 1000));
  try {
    const answer = await exchangeHttp({
      url: posting.url,
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'webhook-id': id,
        'webhook-timestamp': timestamp,
        'webhook-signature': signatureOf(secret, id, timestamp, body),
      },
      body,
      timeoutMs,
      allowPrivate,
      maxAnswerBytes: 100_000,
    });
    if (answer.status >= 200 && answer.status < 300) return await wasDelivered(store, posting);
    await wasNotDelivered(store, posting, { problem: `HTTP ${answer.status}`, gone: answer.status === 410 });
  } catch (thrown) {
    if (!isFailure(thrown)) throw thrown;
    await wasNotDelivered(store, posting, { problem: `${thrown.type} ${thrown.message}`, gone: false });
  }
}
