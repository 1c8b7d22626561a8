/** `lianshu`: the command line. Each command is one line here and one function elsewhere, loaded only when it is asked for. */
import { parseArgs } from 'node:util';

interface Command {
  readonly usage: string;
  readonly what: string;
  readonly run: (args: string[]) => Promise<number>;
}

const commands: Record<string, Command> = {
  start: {
    usage: 'start [--once] [--json] [--no-demo]',
    what: '启动沙箱与平台，演示现货质押全流程  start sandbox and hub and watch a spot pledge',
    async run(args) {
      const { values } = parseArgs({
        args,
        options: {
          once: { type: 'boolean' },
          json: { type: 'boolean' },
          'no-demo': { type: 'boolean' },
          speed: { type: 'string' },
        },
      });
      const { start } = await import('./start.ts');
      const speed = values.speed === undefined ? {} : { speed: Number(values.speed) };
      return start({
        once: values.once ?? false,
        json: values.json ?? false,
        quiet: values['no-demo'] ?? false,
        ...speed,
      });
    },
  },
  send: {
    usage: 'send <file> [--json]',
    what: '发送 ORDERS05 IDoc 或 JSON 订单  send an ORDERS05 IDoc or a JSON order to the running hub',
    async run(args) {
      const { values, positionals } = parseArgs({
        args,
        allowPositionals: true,
        options: { json: { type: 'boolean' } },
      });
      const { send } = await import('./send.ts');
      return send(positionals[0], { json: values.json ?? false });
    },
  },
  verify: {
    usage: 'verify [--json]',
    what: '校验账本全部不变量  check every invariant of the books of the running hub',
    async run(args) {
      const { values } = parseArgs({ args, options: { json: { type: 'boolean' } } });
      const { verify } = await import('./verify.ts');
      return verify({ json: values.json ?? false });
    },
  },
  fault: {
    usage: 'fault <system> <fault> [--operation <name>] [--times <n>] | fault <system> --clear',
    what: '让模拟方出错  make a counterparty of the sandbox misbehave',
    async run(args) {
      const { values, positionals } = parseArgs({
        args,
        allowPositionals: true,
        options: { operation: { type: 'string' }, times: { type: 'string' }, clear: { type: 'boolean' } },
      });
      const { fault } = await import('./sandboxControl.ts');
      return fault(positionals, values);
    },
  },
  clock: {
    usage: 'clock [advance <30d|2h|15m>]',
    what: '查看或推进沙箱时间  show or advance the time of the sandbox',
    async run(args) {
      const { clock } = await import('./sandboxControl.ts');
      return clock(args);
    },
  },
  hub: {
    usage: 'hub [--sandbox]',
    what: '只启动平台  run the hub alone (production: DATABASE_URL, LIANSHU_HOME with setup.json and keys/)',
    async run(args) {
      const { values } = parseArgs({ args, options: { sandbox: { type: 'boolean' } } });
      const { runHub } = await import('./runHub.ts');
      return runHub(values.sandbox ?? false);
    },
  },
  schema: {
    usage: 'schema [--check]',
    what: '导出数据库结构  write store/schema.sql from the migrations',
    async run(args) {
      const { values } = parseArgs({ args, options: { check: { type: 'boolean' } } });
      const { schema } = await import('./schema.ts');
      return schema(values.check ?? false);
    },
  },
  check: {
    usage: 'check [--static]',
    what: '格式、静态检查、类型、边界、死代码、生成文件、单元测试  everything that must be green before a commit',
    async run(args) {
      const { values } = parseArgs({ args, options: { static: { type: 'boolean' } } });
      const { check } = await import('./check.ts');
      return check({ unitTests: !(values.static ?? false) });
    },
  },
  bench: {
    usage: 'bench [<name>] [--json]',
    what: '可复现的性能测试  reproducible benchmarks',
    async run(args) {
      const { values, positionals } = parseArgs({
        args,
        allowPositionals: true,
        options: { json: { type: 'boolean' } },
      });
      const { bench } = await import('./bench.ts');
      return bench(positionals[0], values.json ?? false);
    },
  },
  new: {
    usage: 'new adapter <kind> [--dialect <vendor>] [--into <folder>]',
    what: '生成适配器骨架  write the skeleton of an adapter',
    async run(args) {
      const { newAdapter } = await import('./new.ts');
      return newAdapter(args);
    },
  },
};

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
    process.stdout.write(`npx lianshu ${command.usage}\n\n  ${command.what}\n`);
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
