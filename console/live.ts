/**
 * Server-sent events over fetch. `EventSource` would be shorter, but it hides the heartbeat comments, and
 * without them a half-open connection looks healthy for ever.
 *
 * States: connecting → live (headers arrived) → lost (end, error or silence) → connecting …
 * After a loss the caller reads the snapshot again: the gateway may not hold what happened meanwhile.
 */

export type StreamEvent = { readonly event: string; readonly data: unknown };

export type StreamOptions = {
  readonly topics: string;
  /** Where the snapshot ended, so that nothing falls between it and the stream. */
  readonly lastEventId: string | null;
  readonly onEvent: (event: StreamEvent) => void;
  /** `again` is true on every connection but the first. */
  readonly onLive: (again: boolean) => void;
  readonly onLost: () => void;
};

/** Two heartbeats of 15 s and a bit. */
const SILENCE_LIMIT_MS = 35_000;
const RECONNECT_MIN_MS = 500;
const RECONNECT_MAX_MS = 5_000;

/** Keeps one stream open until the returned function is called. */
export function openStream(options: StreamOptions): () => void {
  const closed = new AbortController();
  void keepOpen(options, closed.signal);
  return () => closed.abort();
}

/** Parses the event-stream format in pieces of any size. Returns the function to feed. */
export function eventParser(
  onEvent: (event: StreamEvent) => void,
  onId: (id: string) => void,
): (piece: string) => void {
  let rest = '';
  let event = 'message';
  let data: string[] = [];
  const take = (line: string) => {
    if (line === '') {
      if (data.length > 0) deliver(event, data.join('\n'), onEvent);
      event = 'message';
      data = [];
      return;
    }
    const colon = line.indexOf(':');
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'event') event = value;
    if (field === 'data') data.push(value);
    if (field === 'id') onId(value);
  };
  return (piece) => {
    const lines = (rest + piece).split(/\r?\n/);
    rest = lines.pop() ?? '';
    for (const line of lines) take(line);
  };
}

function deliver(event: string, text: string, onEvent: (event: StreamEvent) => void): void {
  try {
    onEvent({ event, data: JSON.parse(text) as unknown });
  } catch {
    // One broken event must not end the stream; the next snapshot heals what it carried.
  }
}

async function keepOpen(options: StreamOptions, closed: AbortSignal): Promise<void> {
  let lastEventId = options.lastEventId;
  let again = false;
  let pauseMs = RECONNECT_MIN_MS;
  while (!closed.aborted) {
    const silence = new AbortController();
    const live = () => {
      options.onLive(again);
      again = true;
      pauseMs = RECONNECT_MIN_MS;
    };
    const parse = eventParser(options.onEvent, (id) => (lastEventId = id));
    try {
      await readStream(options.topics, lastEventId, AbortSignal.any([closed, silence.signal]), live, parse, () =>
        silence.abort(),
      );
    } catch {
      // Ended, refused, cut or silent: all mean the same here, connect again.
    }
    if (closed.aborted) return;
    options.onLost();
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
    pauseMs = Math.min(pauseMs * 2, RECONNECT_MAX_MS);
  }
}

async function readStream(
  topics: string,
  lastEventId: string | null,
  signal: AbortSignal,
  onLive: () => void,
  parse: (piece: string) => void,
  onSilence: () => void,
): Promise<void> {
  let timer = setTimeout(onSilence, SILENCE_LIMIT_MS);
  try {
    const headers: Record<string, string> = { accept: 'text/event-stream' };
    if (lastEventId !== null && lastEventId !== '') headers['last-event-id'] = lastEventId;
    const answer = await fetch(`/v1/stream?topics=${encodeURIComponent(topics)}`, {
      headers,
      signal,
      cache: 'no-store',
    });
    if (!answer.ok || answer.body === null) throw new Error(`stream answered ${answer.status}`);
    onLive();
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      clearTimeout(timer);
      timer = setTimeout(onSilence, SILENCE_LIMIT_MS);
      parse(value);
    }
  } finally {
    clearTimeout(timer);
  }
}
