/** `lianshu`: the command line. Each command is one line here and one function elsewhere, loaded only when it is asked for. */
import { parseArgs } from 'node:util';

interface Command {
  readonly usage: string;
  readonly what: string;
  /** What `<command> --help` says beyond that. */
  readonly more?: string;
  readonly run: (args: string[]) => Promise<number>;
}

const hubHelp = `  DATABASE_URL   PostgreSQL 14 或以上；不设则自带一个  PostgreSQL 14 or later; without it the hub brings one along
  NATS_URL       多节点总线，如 nats://10.0.0.5:4222；不设则只有一个节点  the bus between several nodes; without it there is one node
  LIANSHU_HOME   本节点的目录：setup.json、keys/  this node's folder with setup.json and keys/
  LIANSHU_PORT   本节点的端口  this node's port
  LIANSHU_RETENTION_DAYS        历史保留天数，默认 400  days for which the steps of ended runs are kept (see: history)
  OTEL_EXPORTER_OTLP_ENDPOINT   链路追踪，OTLP/HTTP；不设则不追踪  where traces go; without it there are none
  OTEL_TRACES_SAMPLER_ARG       追踪比例 0–1，默认 1  the share of runs that is traced

  多节点：各节点同一 DATABASE_URL、同一 NATS_URL、同样的 setup.json 与 keys/，各自的 LIANSHU_HOME。数据库迁移自动排队；
  每个运行只归一个节点，节点失联 3 秒后由其他节点接管；NATS 只是门铃，断开时仅变慢。
  Several nodes: the same DATABASE_URL, the same NATS_URL, the same setup.json and keys/, each its own LIANSHU_HOME.
  Migrations take turns; each run belongs to one node, and to another 3 s after that node fell silent; NATS is only a
  doorbell: while it is away things are slower, nothing else.`;

const historyHelp = `  --run                    立即执行  see to it now: make the weeks to come, drop those whose time is over
  LIANSHU_RETENTION_DAYS   历史保留天数，默认 400，由平台启动时写入数据库，对所有节点有效
                           days for which ended runs are kept; the hub writes it into the database when it starts, for all nodes

  未结束的运行、凭证与原始报文不在清除之列  runs that live, effects and raw messages are never dropped`;

const chaosHelp = `  postgres       每 5 秒杀死并重启数据库，其间随机断开连接  the database killed every 5 s, its backends terminated in between
                 --seconds <120> --nodes <1>
  nodes          两个节点：杀死、冻结、断开 NATS、清空队列  two nodes: killed, frozen, cut off NATS, their queue deleted
                 --times <2> --faults <kill,freeze,cut,nats,queue>
  hub            真实平台与全部模拟方，其间杀死数据库  the hub with its counterparties, the database killed --seconds <120>
  --rate <20>    每秒订单  orders per second
  --seed <1>     同一种子，同一选择  the same seed makes the same choices

  退出码 0：已应答的不丢失、不重复、不停滞，且按时恢复  exit code 0: nothing acknowledged is lost, doubled or stuck, and flows go on in time`;

const crashHelp = `  --points <1000>  杀死次数  how often the hub is killed by SIGKILL: before, inside and after every journal write, every
                   request and every message kept, of every flow
  --seed <1>       同一种子，同一选择  the same seed makes the same choices
  --json           最后一行为 JSON  the last line on stdout is one JSON document
  --keep           保留目录  keep the folder with databases, logs and the counterparties' own records

  退出码 0：无丢失、无重复、无卡住  exit code 0: nothing lost, nothing twice, nothing stuck`;

/** What every act of an operator may be told. */
const told = {
  json: { type: 'boolean' },
  by: { type: 'string' },
  reason: { type: 'string' },
  body: { type: 'string' },
  hash: { type: 'string' },
} as const;

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
    more: hubHelp,
    async run(args) {
      const { values } = parseArgs({ args, options: { sandbox: { type: 'boolean' } } });
      const { runHub } = await import('./runHub.ts');
      return runHub(values.sandbox ?? false);
    },
  },
  history: {
    usage: 'history [--run] [--json]',
    what: '历史分区：大小与何时清除  the history by the week: how much, and what goes when',
    more: historyHelp,
    async run(args) {
      const { values } = parseArgs({ args, options: { run: { type: 'boolean' }, json: { type: 'boolean' } } });
      const { history } = await import('./history.ts');
      return history({ run: values.run ?? false, json: values.json ?? false });
    },
  },
  lanes: {
    usage:
      'lanes [--json] | lanes pause|resume|set <system> --reason <text> [--by <who>] [--concurrency <n>|none] [--rate <n>|none] [--rate-per-ms <ms>] [--ramp-per-s <n>] [--hours 09:00-17:00|none] [--every-day]',
    what: '查看、暂停、恢复、限速各系统通道  show, pause, resume and limit the roads to the external systems',
    async run(args) {
      const text = { type: 'string' } as const;
      const { values, positionals } = parseArgs({
        args,
        allowPositionals: true,
        options: {
          json: { type: 'boolean' },
          'every-day': { type: 'boolean' },
          reason: text,
          by: text,
          concurrency: text,
          rate: text,
          'rate-per-ms': text,
          'ramp-per-s': text,
          hours: text,
        },
      });
      const { lanes } = await import('./lanes.ts');
      return lanes(positionals, values);
    },
  },
  run: {
    usage:
      'run <id> [show|retry|edit|skip|resolve|resend|cancel|terminate|suspend|resume|move|duplicate] --reason <text> [--body <json>] [--by <who>] | run <act> approve --hash <hash> | run <act> decline --reason <text> | run --replay-all',
    what: '查看流程实例并人工干预  look at a run, what could be done to it, and do it',
    async run(args) {
      const { values, positionals } = parseArgs({
        args,
        allowPositionals: true,
        options: { ...told, 'replay-all': { type: 'boolean' } },
      });
      const { run, replay } = await import('./run.ts');
      const json = values.json ?? false;
      return values['replay-all'] ? replay(json) : run(positionals, { ...values, json });
    },
  },
  runs: {
    usage:
      'runs [retry|cancel|suspend|resume|terminate|move] --where flow=<flow>,state=attention --pace 5/s --reason <text> | runs progress|stop|approve <bulk>',
    what: '待复核的干预，或批量干预  acts that wait for approval, or one act on many runs',
    async run(args) {
      const { values, positionals } = parseArgs({
        args,
        allowPositionals: true,
        options: { ...told, where: { type: 'string' }, pace: { type: 'string' } },
      });
      const { runs } = await import('./run.ts');
      return runs(positionals, { ...values, json: values.json ?? false });
    },
  },
  tasks: {
    usage: 'tasks | tasks decide <task> approved|rejected --hash <hash> --reason <text> [--by <who>] [--role <role>]',
    what: '待人工审批的事项  what people are asked to decide',
    async run(args) {
      const { values, positionals } = parseArgs({
        args,
        allowPositionals: true,
        options: { ...told, role: { type: 'string' } },
      });
      const { tasks } = await import('./run.ts');
      return tasks(positionals, { ...values, json: values.json ?? false });
    },
  },
  signals: {
    usage: 'signals --untaken [--json]',
    what: '无人认领的通知  facts that came and that nobody took',
    async run(args) {
      const { values } = parseArgs({ args, options: { untaken: { type: 'boolean' }, json: { type: 'boolean' } } });
      const { findings } = await import('./run.ts');
      return findings('signals', values.json ?? false);
    },
  },
  incidents: {
    usage: 'incidents [--json]',
    what: '异常事件  evidence against what was settled',
    async run(args) {
      const { values } = parseArgs({ args, options: { json: { type: 'boolean' } } });
      const { findings } = await import('./run.ts');
      return findings('incidents', values.json ?? false);
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
    usage: 'bench [<name>] [--json] [--quick] [--grown]',
    what: '可复现的性能测试  reproducible benchmarks',
    async run(args) {
      const { values, positionals } = parseArgs({
        args,
        allowPositionals: true,
        options: { json: { type: 'boolean' }, quick: { type: 'boolean' }, grown: { type: 'boolean' } },
      });
      const { bench } = await import('./bench.ts');
      return bench(positionals[0], values.json ?? false, {
        quick: values.quick ?? false,
        grown: values.grown ?? false,
      });
    },
  },
  chaos: {
    usage:
      'chaos postgres|nodes|hub [--json] [--seed <n>] [--seconds <n>] [--times <n>] [--nodes <n>] [--rate <n>] [--faults <a,b>]',
    what: '压力下杀数据库、杀节点、断总线  kill the database or nodes and cut the bus under load',
    more: chaosHelp,
    async run(args) {
      const text = { type: 'string' } as const;
      const { values, positionals } = parseArgs({
        args,
        allowPositionals: true,
        options: {
          json: { type: 'boolean' },
          seed: text,
          seconds: text,
          times: text,
          nodes: text,
          rate: text,
          faults: text,
        },
      });
      const { chaos } = await import('./chaos.ts');
      return chaos(positionals[0], values);
    },
  },
  crash: {
    usage: 'crash [--points <n>] [--seed <n>] [--json] [--keep]',
    what: '在每个写入点杀死平台并核对  kill the hub at every write and every send, start it again, see what became of it',
    more: crashHelp,
    async run(args) {
      const { values } = parseArgs({
        args,
        options: {
          points: { type: 'string' },
          seed: { type: 'string' },
          json: { type: 'boolean' },
          keep: { type: 'boolean' },
          victim: { type: 'boolean' },
        },
      });
      // Not for people: the hub that is killed.
      if (values.victim) return (await import('./crash/victim.ts')).victim();
      const { crash } = await import('./crash.ts');
      return crash({
        points: Number(values.points ?? 1_000),
        seed: Number(values.seed ?? 1),
        json: values.json ?? false,
        keep: values.keep ?? false,
      });
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
