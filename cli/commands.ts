/** The commands of `lianshu`: each is a few lines here and one function elsewhere, loaded only when it is asked for. */
import { parseArgs } from 'node:util';
import { conformHelp } from './conform/help.ts';
import { chaosHelp, checkHelp, configurationHelp, contractsHelp, crashHelp, historyHelp, hubHelp } from './help.ts';
import type { Command } from './command.ts';
import { evidenceHelp } from './evidence/help.ts';
import { sandboxCommands } from './sandboxCommands.ts';

/** What every act of an operator may be told. */
const told = {
  json: { type: 'boolean' },
  by: { type: 'string' },
  reason: { type: 'string' },
  body: { type: 'string' },
  hash: { type: 'string' },
} as const;

export const commands: Readonly<Record<string, Command>> = {
  start: {
    usage: 'start [--once] [--json] [--no-demo] [--seed <text>]',
    what: '启动沙箱与平台，演示现货质押全流程  start sandbox and hub and watch a spot pledge',
    async run(args) {
      const { values } = parseArgs({
        args,
        options: {
          once: { type: 'boolean' },
          json: { type: 'boolean' },
          'no-demo': { type: 'boolean' },
          speed: { type: 'string' },
          seed: { type: 'string' },
        },
      });
      const { start } = await import('./start.ts');
      const speed = values.speed === undefined ? {} : { speed: Number(values.speed) };
      return start({
        once: values.once ?? false,
        json: values.json ?? false,
        quiet: values['no-demo'] ?? false,
        ...speed,
        ...(values.seed === undefined ? {} : { seed: values.seed }),
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
  breaks: {
    usage: 'breaks [--kind LOAN|ERP|STOCK|CLEARING] [--owner <owner>] [--json]',
    what: '各方账目之间未处理的差异  what is open between the books of hub, funders, ERP, clearing and warehouses',
    async run(args) {
      const text = { type: 'string' } as const;
      const { values } = parseArgs({ args, options: { json: { type: 'boolean' }, kind: text, owner: text } });
      const { breaks } = await import('./breaks.ts');
      return breaks({ json: values.json ?? false, kind: values.kind, owner: values.owner });
    },
  },
  configuration: {
    usage:
      'configuration [list | show <id> | decisions [<case>] | draft <kind> <code> <file> --by <name> | publish <id> --by <name>] [--json]',
    what: '产品、模板、规则的版本与决策依据  products, templates and rules in versions, and why rules decided',
    more: configurationHelp,
    async run(args) {
      const { values, positionals } = parseArgs({
        args,
        allowPositionals: true,
        options: { json: { type: 'boolean' }, by: { type: 'string' } },
      });
      const { configuration } = await import('./configuration.ts');
      return configuration(positionals, { json: values.json ?? false, by: values.by });
    },
  },
  keys: {
    usage: 'keys [--json]',
    what: '密钥的用途与有效期  what keys there are, what each is for, and until when',
    async run(args) {
      const { values } = parseArgs({ args, options: { json: { type: 'boolean' } } });
      const { keys } = await import('./keys.ts');
      return keys({ json: values.json ?? false });
    },
  },
  flows: {
    usage: 'flows [--check]',
    what: '由代码生成流程文档  a page for each flow in docs/flows/, read from its code',
    async run(args) {
      const { values } = parseArgs({ args, options: { check: { type: 'boolean' } } });
      const { flowPages } = await import('./flowPages.ts');
      return flowPages({ check: values.check ?? false });
    },
  },
  lifecycles: {
    usage: 'lifecycles [--json] [--check]',
    what: '由数据生成状态机文档  draw every life cycle into docs/lifecycles.md',
    async run(args) {
      const { values } = parseArgs({ args, options: { json: { type: 'boolean' }, check: { type: 'boolean' } } });
      const { drawLifecycles } = await import('./lifecycles.ts');
      return drawLifecycles({ json: values.json ?? false, check: values.check ?? false });
    },
  },
  evidence: {
    usage:
      'evidence export <case> [--out <file>] [--json] | verify <file> [--key <file>] [--json] | head [--json] | key',
    what: '导出一个业务的存证，离线验证  export the evidence of a case, and prove it offline',
    more: evidenceHelp,
    async run(args) {
      const text = { type: 'string' } as const;
      const { values, positionals } = parseArgs({
        args,
        allowPositionals: true,
        options: { out: text, key: text, json: { type: 'boolean' } },
      });
      const { evidence } = await import('./evidence.ts');
      return evidence(positionals, { ...values, json: values.json ?? false });
    },
  },
  ...sandboxCommands,
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
  seal: {
    usage:
      'seal [status] [--count] | seal rotate [--owner <owner>] | seal prepare | seal rotate --root | seal all | seal destroy <owner> --reason <text>',
    what: '加密密钥：状态、轮换、销毁  the keys under which payloads lie sealed: how they are, new ones, the end of one',
    async run(args) {
      const text = { type: 'string' } as const;
      const flag = { type: 'boolean' } as const;
      const { values, positionals } = parseArgs({
        args,
        allowPositionals: true,
        options: { json: flag, count: flag, root: flag, owner: text, reason: text, by: text },
      });
      const { seal } = await import('./seal.ts');
      return seal(positionals, values);
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
    usage:
      'tasks [--role <role>] | tasks decide <task> approved|rejected --hash <hash> --reason <text> | ' +
      'tasks claim|release|delegate <task> [--to <who>] [--reason <text>] [--by <who>] [--role <role>]',
    what: '待人工审批的事项  what people are asked to decide',
    async run(args) {
      const { values, positionals } = parseArgs({
        args,
        allowPositionals: true,
        options: { ...told, role: { type: 'string' }, to: { type: 'string' } },
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
  mappings: {
    usage:
      'mappings check [<name>] | mappings replay <name> --from <file|folder> [--against <commit>] [--accept] [--json]',
    what: '映射检查与报文重放  what mappings carry, drop and default; recorded messages through a changed mapping',
    async run(args) {
      const text = { type: 'string' } as const;
      const flag = { type: 'boolean' } as const;
      const { values, positionals } = parseArgs({
        args,
        allowPositionals: true,
        options: { json: flag, accept: flag, from: text, against: text },
      });
      const { mappings } = await import('./mappings.ts');
      return mappings(positionals, values);
    },
  },
  contracts: {
    usage: 'contracts [list|show <name>|publish|check] [--kind <kind>] [--json]',
    what: '查看、发布、校验业务契约  the contracts of entities and messages: read, publish and check them',
    more: contractsHelp,
    run: async (args) => (await import('./contracts.ts')).contractsCommand(args),
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
  conform: {
    usage: 'conform --all | <kind>[/<vendor>] | --prove | --plant <kind>[/<vendor>][:<bug>] [--json]',
    what: '适配器符合性测试：每个方言、每个接口、每种故障  every dialect, operation and code under every fault',
    more: conformHelp,
    async run(args) {
      const flag = { type: 'boolean' } as const;
      const { values, positionals } = parseArgs({
        args,
        allowPositionals: true,
        options: { all: flag, json: flag, prove: flag, plant: { type: 'string' } },
      });
      const { conform } = await import('./conform.ts');
      return conform(positionals, values);
    },
  },
  check: {
    usage: 'check [--static | --all]',
    what: '格式、静态检查、类型、边界、死代码、生成文件、单元测试  everything that must be green before a commit',
    more: checkHelp,
    async run(args) {
      const { values } = parseArgs({ args, options: { static: { type: 'boolean' }, all: { type: 'boolean' } } });
      const { check } = await import('./check.ts');
      return check(values.static ? 'static' : values.all ? 'all' : 'changed');
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
    usage: 'crash [<story> ...] [--points <n>] [--seed <n>] [--json] [--keep]',
    what: '在每个写入点杀死平台并核对  kill the hub at every write and every send, start it again, see what became of it',
    more: crashHelp,
    async run(args) {
      const { values, positionals } = parseArgs({
        args,
        allowPositionals: true,
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
        only: positionals,
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
