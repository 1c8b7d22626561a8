/** `lianshu`: the command line. What it can do stands in `commands.ts`. */
import { commands } from './commands.ts';

async function main(argv: string[]): Promise<number> {
  const [name, ...args] = argv;
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') return help();
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!command) {
    process.stderr.write(`没有命令 no such command: ${name}\n\n`);
    help();
    return 2;
  }
  if (args.includes('--help') || args.includes('-h')) {
    const more = command.more === undefined ? '' : `\n${command.more}\n`;
    process.stdout.write(`npx lianshu ${command.usage}\n\n  ${command.what}\n${more}`);
    return 0;
  }
  try {
    return await command.run(args);
  } catch (thrown) {
    const { code } = thrown as { code?: string };
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    process.stderr.write(`${message}\n`);
    if (code?.startsWith('ERR_PARSE_ARGS')) process.stderr.write(`用法 usage: npx lianshu ${command.usage}\n`);
    else if (process.env['LIANSHU_LOG'] === 'debug' && thrown instanceof Error)
      process.stderr.write(`${thrown.stack}\n`);
    return code?.startsWith('ERR_PARSE_ARGS') ? 2 : 1;
  }
}

function help(): number {
  const lines = Object.values(commands).map(({ usage, what }) => `  ${usage}\n      ${what}`);
  process.stdout.write(
    `链枢 Lianshu — 供应链金融集成中枢 the integration hub of supply-chain finance\n\nnpx lianshu <command>\n\n${lines.join('\n')}\n`,
  );
  return 0;
}

process.exitCode = await main(process.argv.slice(2));
