/**
 * Where a process may die for a test. The two doors through which a run touches anything, the journal and the wire,
 * call this before, inside and after. `LIANSHU_CRASH_AT=<n>` kills the process with SIGKILL at the n-th call.
 */
export type CrashPoint = `${'journal' | 'wire'}:${'before' | 'inside' | 'after'}`;

const crashAt = Number(process.env['LIANSHU_CRASH_AT'] ?? 0);
let calls = 0;

export function crashPoint(_name: CrashPoint): void {
  if (crashAt > 0 && ++calls === crashAt) process.kill(process.pid, 'SIGKILL');
}
