/** Inline icons, 16 px, drawn with the text's colour. An icon font would be one more file to fail. */
import type { ReactNode } from 'react';

export type IconName = keyof typeof shapes;

const shapes = {
  running: (
    <>
      <circle cx="8" cy="8" r="6" />
      <path d="M6.7 5.4 10.6 8l-3.9 2.6z" fill="currentColor" stroke="none" />
    </>
  ),
  waiting: (
    <>
      <circle cx="8" cy="8" r="6" />
      <path d="M8 4.6V8l2.3 1.6" />
    </>
  ),
  attention: (
    <>
      <path d="M8 2.2 14.4 13H1.6z" />
      <path d="M8 6.4v3M8 11.1v.2" />
    </>
  ),
  done: (
    <>
      <circle cx="8" cy="8" r="6" />
      <path d="m5.3 8.2 1.9 1.9 3.6-4" />
    </>
  ),
  failed: (
    <>
      <circle cx="8" cy="8" r="6" />
      <path d="m5.9 5.9 4.2 4.2m0-4.2-4.2 4.2" />
    </>
  ),
  cancelled: (
    <>
      <circle cx="8" cy="8" r="6" />
      <path d="m3.9 12.1 8.2-8.2" />
    </>
  ),
  ok: <path d="m3.6 8.4 2.9 2.9 6-6.4" />,
  refused: <path d="m4.2 4.2 7.6 7.6m0-7.6-7.6 7.6" />,
  unknown: <path d="M5.7 6.1a2.3 2.3 0 1 1 3.2 2.1c-.6.3-.9.7-.9 1.4m0 2.4v.2" />,
  inflight: <path d="M3 8h.2m3.1 0h.2m3.1 0h.2m3.1 0h.2" strokeWidth="2.4" />,
  search: (
    <>
      <circle cx="7" cy="7" r="4.4" />
      <path d="m10.4 10.4 3.4 3.4" />
    </>
  ),
  close: <path d="m4 4 8 8m0-8-8 8" />,
  up: <path d="m4 9.8 4-4 4 4" />,
  down: <path d="m4 6.2 4 4 4-4" />,
  left: <path d="m9.8 4-4 4 4 4" />,
  play: <path d="M5 3.4 12.4 8 5 12.6z" fill="currentColor" />,
  pause: <path d="M5.4 3.6v8.8M10.6 3.6v8.8" strokeWidth="2.4" />,
  download: <path d="M8 2.6v7.2m-3-2.9 3 3 3-3M3 13h10" />,
  copy: (
    <>
      <rect x="5.4" y="5.4" width="8" height="8" rx="1.5" />
      <path d="M10.6 3V2.6H4A1.4 1.4 0 0 0 2.6 4v6.6H3" />
    </>
  ),
  flag: <path d="M4 14V2.8h7.6L9.8 5.9l1.8 3.1H4" />,
  shield: (
    <>
      <path d="M8 1.9 13.2 4v3.6c0 3.2-2.2 5.5-5.2 6.5-3-1-5.2-3.3-5.2-6.5V4z" />
      <path d="m5.8 7.9 1.6 1.6 2.9-3.1" />
    </>
  ),
  empty: <path d="M2.5 9.5h3l1 2h3l1-2h3M2.5 9.5v3.2h11V9.5L11.8 3.3H4.2z" />,
} satisfies Record<string, ReactNode>;

export function Icon({ name, size = 16 }: { readonly name: IconName; readonly size?: number }) {
  return (
    <svg
      className="icon"
      width={size}
      height={size}
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.5"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      {shapes[name]}
    </svg>
  );
}

/** The product's mark: messages between lifelines. The one place where our own screen is also our sign. */
export function Mark() {
  return (
    <svg className="mark" width="24" height="24" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <rect width="32" height="32" rx="7" fill="#ffffff" fillOpacity="0.12" />
      <path d="M8 7v18M16 7v18M24 7v18" stroke="#7fa8ee" strokeWidth="1.6" strokeLinecap="round" />
      <path d="M8 11.5h7.2m0 9H8M16.8 16H24" stroke="#fff" strokeWidth="2.4" strokeLinecap="round" />
      <circle cx="16" cy="11.5" r="2.2" fill="#fff" />
      <circle cx="24" cy="16" r="2.2" fill="#fff" />
      <circle cx="8" cy="20.5" r="2.2" fill="#fff" />
    </svg>
  );
}
