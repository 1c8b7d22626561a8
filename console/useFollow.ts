/** Follows new messages only while the operator stands at the bottom; otherwise counts what was not seen. */
import { useEffect, useLayoutEffect, useRef, useState } from 'react';

const NEAR_BOTTOM_PX = 120;

export function useFollow(count: number, paused: boolean): { readonly unseen: number; readonly jump: () => void } {
  const atBottom = useRef(false);
  const seen = useRef(count);
  const [unseen, setUnseen] = useState(0);
  useEffect(() => {
    const look = () => {
      atBottom.current = distanceToBottom() < NEAR_BOTTOM_PX;
      if (!atBottom.current) return;
      setUnseen(0);
    };
    look();
    window.addEventListener('scroll', look, { passive: true });
    window.addEventListener('resize', look);
    return () => {
      window.removeEventListener('scroll', look);
      window.removeEventListener('resize', look);
    };
  }, []);
  useLayoutEffect(() => {
    const added = count - seen.current;
    seen.current = count;
    if (paused || added <= 0) return;
    if (atBottom.current) toBottom('instant');
    else setUnseen((n) => n + added);
  }, [count, paused]);
  const jump = () => {
    setUnseen(0);
    const calm = matchMedia('(prefers-reduced-motion: reduce)').matches;
    toBottom(calm ? 'instant' : 'smooth');
  };
  return { unseen: paused ? 0 : unseen, jump };
}

function distanceToBottom(): number {
  return document.documentElement.scrollHeight - window.innerHeight - window.scrollY;
}

function toBottom(behavior: ScrollBehavior): void {
  window.scrollTo({ top: document.documentElement.scrollHeight, behavior });
}
