/** How fresh the page's data is, shared between the page that streams and the dot in the top bar. */

export type Freshness =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'live' }
  | { readonly kind: 'stale'; readonly sinceMs: number };

/** A shorter loss is a reconnect nobody needs to know about. */
const STALE_AFTER_MS = 10_000;

let current: Freshness = { kind: 'connecting' };
let timer: ReturnType<typeof setTimeout> | undefined;
const listeners = new Set<() => void>();

export function readFreshness(): Freshness {
  return current;
}

export function onFreshness(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function markConnecting(): void {
  set({ kind: 'connecting' });
}

export function markLive(): void {
  set({ kind: 'live' });
}

/** The stream is lost. It becomes visible only when the loss lasts. */
export function markLost(): void {
  const sinceMs = Date.now();
  if (timer === undefined && current.kind !== 'stale') {
    timer = setTimeout(() => set({ kind: 'stale', sinceMs }), STALE_AFTER_MS);
  }
}

function set(next: Freshness): void {
  clearTimeout(timer);
  timer = undefined;
  current = next;
  for (const listener of listeners) listener();
}
