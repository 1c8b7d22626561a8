/**
 * Where the lines of a settlement file wait until the whole of it has proven to be what it says: a table of one session, which nobody
 * else sees and which is gone with it. Lines go in by COPY, a batch at a time.
 */
import type pg from 'pg';
import type { SettlementLine } from '../../contracts/clearing/settlement.ts';

const columns = 'no, serial, key, amount, state, settled_at, code';

export async function makeStage(client: pg.PoolClient): Promise<void> {
  await client.query(`drop table if exists pg_temp.settlement_stage`);
  await client.query(
    `create temp table settlement_stage (no int, serial text, key text, amount numeric(17, 2), state text, settled_at text, code text)`,
  );
}

export async function stageLines(client: pg.PoolClient, lines: readonly SettlementLine[], from: number): Promise<void> {
  let text = '';
  let no = from;
  for (const line of lines) {
    no += 1;
    text += `${no}\t${plain(line.serialNo)}\t${plain(line.instructionNo)}\t${line.amount}\t${states[line.status]}\t${line.settledAt}\t${plain(line.externalCode)}\n`;
  }
  await copyIn(client, `copy settlement_stage (${columns}) from stdin`, Buffer.from(text));
}

/** Once all is in. A serial or an instruction that stands there twice; undefined when none does. */
export async function twiceInStage(client: pg.PoolClient): Promise<string | undefined> {
  await client.query('create index on settlement_stage (no)');
  await client.query('create index on settlement_stage (key)');
  await client.query('analyze settlement_stage');
  const found = await client.query<{ what: string }>(
    `(select key what from settlement_stage group by key having count(*) > 1 limit 1)
     union all (select serial from settlement_stage group by serial having count(*) > 1 limit 1)`,
  );
  return found.rows[0]?.what;
}

/** In the words of a payment's state. */
const states: Readonly<Record<SettlementLine['status'], string>> = {
  succeeded: 'SUCCEEDED',
  failed: 'FAILED',
  returned: 'RETURNED',
  unknown: 'UNKNOWN',
};

/** Control characters are in no contract's text; what is left to COPY is the backslash. */
function plain(text: string): string {
  return text.includes('\\') ? text.replaceAll('\\', '\\\\') : text;
}

interface CopyConnection {
  query(text: string): void;
  sendCopyFromChunk(chunk: Buffer): void;
  endCopyFrom(): void;
}

/** The part of the protocol that `pg` leaves to its users. */
class CopyIn {
  readonly #sql: string;
  readonly #bytes: Buffer;
  #error: Error | undefined;
  /** `pg` sets it. */
  callback: (error?: Error | null) => void = () => undefined;

  constructor(sql: string, bytes: Buffer) {
    this.#sql = sql;
    this.#bytes = bytes;
  }

  submit(connection: CopyConnection): void {
    connection.query(this.#sql);
  }

  handleCopyInResponse(connection: CopyConnection): void {
    connection.sendCopyFromChunk(this.#bytes);
    connection.endCopyFrom();
  }

  handleError(error: Error): void {
    this.#error = error;
    this.callback(error);
  }

  handleCommandComplete(): void {}

  handleReadyForQuery(): void {
    if (!this.#error) this.callback(null);
  }
}

function copyIn(client: pg.PoolClient, sql: string, bytes: Buffer): Promise<void> {
  return new Promise((done, fail) => {
    const copy = new CopyIn(sql, bytes);
    copy.callback = (error) => (error ? fail(error) : done());
    client.query(copy as unknown as pg.Submittable);
  });
}
