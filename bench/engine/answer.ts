/** The child's end of child.ts: answers questions until nobody is left to ask them. */
import { createInterface } from 'node:readline';

// oxlint-disable-next-line typescript/no-explicit-any -- parameters as JSON brings them; each answer knows its own
export type Answers = Readonly<Record<string, (params: any) => Promise<unknown>>>;

export function answerTo(answers: Answers): void {
  const lines = createInterface({ input: process.stdin });
  lines.on('line', (line) => void reply(answers, line));
  // Whoever asked is gone, asked or killed: nothing may be left behind.
  lines.once('close', () => process.exit(0));
}

async function reply(answers: Answers, line: string): Promise<void> {
  const { id, question, params } = JSON.parse(line) as { id: number; question: string; params: object };
  let said: object;
  try {
    const answer = answers[question];
    if (!answer) throw new Error(`nothing is known of ${question}`);
    said = { id, value: (await answer(params)) ?? null };
  } catch (thrown) {
    said = { id, problem: thrown instanceof Error ? thrown.message : String(thrown) };
  }
  process.stdout.write(`${JSON.stringify(said)}\n`);
}
