/**
 * The same two files with other tools: DuckDB, and sort, join and awk. They read from the disk, check nothing and keep nothing; what
 * they count must be what the hub counted.
 */
import { execFileSync, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

export interface Beside {
  readonly ms: number;
  readonly peakMb: number;
  readonly verdicts: Readonly<Record<string, number>>;
}

const pollMs = 20;

export function has(program: string): boolean {
  return answers('which', [program]);
}

function answers(program: string, args: readonly string[]): boolean {
  try {
    execFileSync(program, args, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

// Of the fixed-width line, in bytes: instruction 22..51, fen 53..67, status 85..86.
const classify = `CASE WHEN b.key IS NULL THEN 'ONLY_EXT' WHEN f.key IS NULL THEN 'ONLY_HUB' WHEN b.fen <> f.fen THEN 'AMOUNT_DIFF'
  WHEN b.state = f.state OR b.state IN ('UNKNOWN', 'ACCEPTED', 'SUBMITTING') THEN 'MATCHED' ELSE 'STATUS_DIFF' END`;

/** Where only DuckDB's module for Python is installed: the same engine, and the same text. */
const printed = "for verdict, count in duckdb.sql(sys.argv[1]).fetchall(): print(f'{verdict},{count}')";

/** By its own program or by Python's module. */
export function hasDuckdb(): boolean {
  return has('duckdb') || answers('python3', ['-c', 'import duckdb']);
}

export function duckdb(file: string, books: string): Promise<Beside> {
  const lines = `read_csv('${file}', columns = {'l': 'VARCHAR'}, header = false, delim = '\\t', quote = '', escape = '', encoding = 'latin-1')`;
  const sql = `WITH f AS (SELECT rtrim(substr(l, 22, 30)) AS key, CAST(substr(l, 53, 15) AS BIGINT) AS fen,
      CASE substr(l, 85, 2) WHEN '00' THEN 'SUCCEEDED' WHEN '01' THEN 'FAILED' ELSE 'RETURNED' END AS state FROM ${lines} WHERE l LIKE 'D%'),
    b AS (SELECT * FROM read_csv('${books}', columns = {'key': 'VARCHAR', 'fen': 'BIGINT', 'state': 'VARCHAR'}, header = false))
    SELECT ${classify} AS verdict, count(*) FROM f FULL JOIN b ON b.key = f.key GROUP BY 1;`;
  return has('duckdb')
    ? measured('duckdb', ['-csv', '-noheader', '-c', sql])
    : measured('python3', ['-c', `import duckdb, sys\n${printed}`, sql]);
}

export function coreutils(file: string, books: string, scratch: string): Promise<Beside> {
  // Amounts stay text: awk counts in binary floats.
  const cut = `/^D/ { k = substr($0, 22, 30); sub(/ +$/, "", k); a = substr($0, 53, 15); sub(/^0+/, "", a); s = substr($0, 85, 2);
    print k "," a "," (s == "00" ? "SUCCEEDED" : s == "01" ? "FAILED" : "RETURNED") }`;
  const judge = `{ v = "STATUS_DIFF"; if ($3 == $5 || $5 ~ /^(UNKNOWN|ACCEPTED|SUBMITTING)$/) v = "MATCHED"; if ($2 != $4) v = "AMOUNT_DIFF"
    if ($2 == "-") v = "ONLY_HUB"; if ($4 == "-") v = "ONLY_EXT"; n[v]++ } END { for (v in n) print v "," n[v] }`;
  const script = `set -euo pipefail; export LC_ALL=C
    awk '${cut}' '${file}' | sort -t, -k1,1 > '${scratch}/f' &
    sort -t, -k1,1 '${books}' > '${scratch}/b'; wait
    join -t, -a1 -a2 -e - -o 0,1.2,1.3,2.2,2.3 '${scratch}/f' '${scratch}/b' | awk -F, '${judge}'`;
  return measured('bash', ['-c', script]);
}

/** OpenSSH's client, for what the road alone takes. */
export function openssh(
  { host, port, user }: { host: string; port: string; user: string },
  login: string,
  from: string,
  to: string,
): Promise<Beside> {
  const options = ['StrictHostKeyChecking=no', 'UserKnownHostsFile=/dev/null', 'IdentitiesOnly=yes', 'LogLevel=ERROR'];
  return measured('sftp', [
    '-q',
    '-F',
    '/dev/null',
    '-i',
    login,
    '-P',
    port,
    ...options.flatMap((option) => ['-o', option]),
    `${user}@${host}:${from}`,
    to,
  ]);
}

/** The most that the processes of a command had at one time, looked at often. */
async function measured(program: string, args: readonly string[]): Promise<Beside> {
  const from = performance.now();
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let [peakKb, said, problem] = [0, '', ''];
  child.stdout.on('data', (part: Buffer) => (said += part.toString()));
  child.stderr.on('data', (part: Buffer) => (problem += part.toString()));
  const timer = setInterval(() => (peakKb = Math.max(peakKb, residentKb(child.pid ?? 0))), pollMs);
  const code = await new Promise<number | null>((done, fail) => {
    child.once('error', fail);
    child.once('close', done);
  }).finally(() => clearInterval(timer));
  if (code !== 0) throw new Error(`${program} ended with ${code}: ${problem.slice(0, 500)}`);
  const counted = [...said.matchAll(/^([A-Z_]+),(\d+)\r?$/gm)];
  return {
    ms: performance.now() - from,
    peakMb: Math.round(peakKb / 1024),
    verdicts: Object.fromEntries(counted.map(([, verdict = '', count]) => [verdict, Number(count)])),
  };
}

function residentKb(root: number): number {
  const parents = new Map<number, { parent: number; kb: number }>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const status = readFileSync(`/proc/${name}/status`, 'utf8');
      const field = (key: string) => Number(new RegExp(`^${key}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? 0);
      parents.set(Number(name), { parent: field('PPid'), kb: field('VmRSS') });
    } catch {
      continue; // It has ended meanwhile.
    }
  }
  const below = (pid: number): boolean => {
    for (let at = pid; at > 1; at = parents.get(at)?.parent ?? 0) if (at === root) return true;
    return false;
  };
  return [...parents].reduce((sum, [pid, { kb }]) => (below(pid) ? sum + kb : sum), 0);
}
