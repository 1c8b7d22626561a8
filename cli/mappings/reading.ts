/**
 * Which fields of a message somebody reads: the message goes in as a stand-in that records each access and answers as the
 * message itself would. What is handed on whole counts as read with all that is in it.
 */
import { leavesIn } from './values.ts';

export class Reading {
  /** Paths as in shape.ts, of fields that were not there as well. */
  readonly paths = new Set<string>();
  readonly #originals = new WeakMap<object, { readonly value: object; readonly path: string }>();

  watch(value: unknown, path = ''): unknown {
    if (typeof value !== 'object' || value === null) return value;
    const proxy = new Proxy(value, {
      get: (target, key, receiver) => {
        const inherited = typeof key === 'symbol' || (!Object.hasOwn(target, key) && key in target);
        if (inherited || (Array.isArray(target) && key === 'length'))
          return Reflect.get(target, key, receiver) as unknown;
        return this.watch(Reflect.get(target, key) as unknown, this.#note(target, path, key));
      },
      has: (target, key) => {
        if (typeof key === 'string') this.#note(target, path, key);
        return Reflect.has(target, key);
      },
      getOwnPropertyDescriptor: (target, key) => {
        if (typeof key === 'string') this.#note(target, path, key);
        return Reflect.getOwnPropertyDescriptor(target, key);
      },
    });
    this.#originals.set(proxy, { value, path });
    return proxy;
  }

  /** The same without stand-ins and without a trace. */
  plain(value: unknown): unknown {
    return this.#unwrapped(value, () => {});
  }

  /** What came of a watched message. Stand-ins in it were handed on whole. */
  outcome(value: unknown): unknown {
    return this.#unwrapped(value, (part, path) => {
      for (const leaf of leavesIn(part, '', path)) this.paths.add(leaf.path);
    });
  }

  #note(target: object, path: string, key: string): string {
    const place = `${path}/${Array.isArray(target) ? '[]' : key}`;
    this.paths.add(place);
    return place;
  }

  #unwrapped(value: unknown, whole: (part: object, path: string) => void): unknown {
    if (typeof value !== 'object' || value === null) return value;
    const original = this.#originals.get(value);
    if (original) {
      whole(original.value, original.path);
      return original.value;
    }
    if (Array.isArray(value)) return (value as unknown[]).map((item) => this.#unwrapped(item, whole));
    return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, this.#unwrapped(field, whole)]));
  }
}
