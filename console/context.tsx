/** What every screen needs: the language with its words, and the business clock. */
import { createContext, useCallback, useContext, useEffect, useMemo, useState } from 'react';
import type { ReactNode } from 'react';
import { getClock } from './api.ts';
import type { Bilingual, ClockReading } from './api.ts';
import { say, translator } from './words.ts';
import type { Lang, Params, WordKey } from './words.ts';
import { useQuery } from './useQuery.ts';

export type Console = {
  readonly lang: Lang;
  readonly setLang: (lang: Lang) => void;
  readonly t: (key: WordKey, params?: Params) => string;
  readonly say: (text: Bilingual) => string;
  readonly speed: number;
  /** Business time now, in ms since the epoch; null until the gateway's clock is read: the browser's own would show wrong waits. */
  readonly nowMs: () => number | null;
};

const ConsoleContext = createContext<Console | null>(null);
const LANG_STORED_AS = 'lianshu.lang';
const CLOCK_REFRESH_MS = 30_000;

export function ConsoleProvider({ children }: { readonly children: ReactNode }) {
  const [lang, setLang] = useLang();
  const clock = useClock();
  const value = useMemo<Console>(
    () => ({ lang, setLang, t: translator(lang), say: (text) => say(text, lang), ...clock }),
    [lang, setLang, clock],
  );
  return <ConsoleContext value={value}>{children}</ConsoleContext>;
}

export function useConsole(): Console {
  const value = useContext(ConsoleContext);
  if (value === null) throw new Error('useConsole outside of ConsoleProvider');
  return value;
}

/** Business time that ticks: four times a second on a fast clock, once a second otherwise. */
export function useNowMs(): number | null {
  const { nowMs, speed } = useConsole();
  const [now, setNow] = useState(nowMs);
  useEffect(() => {
    setNow(nowMs());
    const timer = setInterval(() => setNow(nowMs()), speed > 1 ? 250 : 1000);
    return () => clearInterval(timer);
  }, [nowMs, speed]);
  return now;
}

/** `?lang=` wins and is remembered; Chinese otherwise. */
function useLang(): readonly [Lang, (lang: Lang) => void] {
  const [search, changeQuery] = useQuery();
  const asked = search.get('lang');
  const [stored, setStored] = useState<Lang>(readStoredLang);
  const lang: Lang = asked === 'en' || asked === 'zh' ? asked : stored;
  useEffect(() => {
    document.documentElement.lang = lang === 'zh' ? 'zh-CN' : 'en';
    localStorage.setItem(LANG_STORED_AS, lang);
    setStored(lang);
  }, [lang]);
  const setLang = useCallback(
    (next: Lang) => {
      setStored(next);
      changeQuery({ lang: next === 'zh' ? null : next });
    },
    [changeQuery],
  );
  return [lang, setLang];
}

function readStoredLang(): Lang {
  return localStorage.getItem(LANG_STORED_AS) === 'en' ? 'en' : 'zh';
}

function useClock(): { readonly speed: number; readonly nowMs: () => number | null } {
  const [reading, setReading] = useState<{ clock: ClockReading; takenMs: number } | null>(null);
  useEffect(() => {
    const stop = new AbortController();
    const read = () =>
      getClock(stop.signal).then(
        (clock) => setReading({ clock, takenMs: Date.now() }),
        () => undefined, // The page goes on with the reading it has; freshness is shown by the stream's dot.
      );
    void read();
    const timer = setInterval(() => void read(), CLOCK_REFRESH_MS);
    return () => {
      clearInterval(timer);
      stop.abort();
    };
  }, []);
  return useMemo(() => {
    if (reading === null) return { speed: 1, nowMs: () => null };
    const { clock, takenMs } = reading;
    return {
      speed: clock.speed,
      nowMs: () => Date.parse(clock.now) + (Date.now() - takenMs) * clock.speed,
    };
  }, [reading]);
}
