/** The commands that reach into the sandbox. */
import { parseArgs } from 'node:util';
import type { Command } from './command.ts';
import { faultHelp, scenarioHelp, twinHelp } from './help.ts';

export const sandboxCommands: Readonly<Record<string, Command>> = {
  fault: {
    usage:
      'fault <system> [<fault>] [--operation <name>] [--times <n>] [--for <30s|2m|1h>] [--json] | fault <system> --clear',
    what: '让模拟方出错  make a counterparty of the sandbox misbehave',
    more: faultHelp,
    async run(args) {
      const { values, positionals } = parseArgs({
        args,
        allowPositionals: true,
        options: {
          operation: { type: 'string' },
          times: { type: 'string' },
          for: { type: 'string' },
          clear: { type: 'boolean' },
          json: { type: 'boolean' },
        },
      });
      const { fault } = await import('./sandboxControl.ts');
      return fault(positionals, values);
    },
  },
  twin: {
    usage: 'twin [<system> [effects | <act> [<field>=<text> | <field>:=<json> ...]]] [--json] | twin --magic [--write]',
    what: '查看模拟方、令其人员行事  what a counterparty of the sandbox holds and did; its people act',
    more: twinHelp,
    async run(args) {
      const flag = { type: 'boolean' } as const;
      const { values, positionals } = parseArgs({
        args,
        allowPositionals: true,
        options: { json: flag, magic: flag, write: flag },
      });
      const { twin } = await import('./sandboxControl.ts');
      return twin(positionals, values);
    },
  },
  scenario: {
    usage: 'scenario list [<name> ...] [--json] | scenario run [<name> ...] [--here] [--keep] [--json]',
    what: '演练业务场景  play stories of the business: every flow, and every failure that it names',
    more: scenarioHelp,
    async run(args) {
      const flag = { type: 'boolean' } as const;
      const { values, positionals } = parseArgs({
        args,
        allowPositionals: true,
        options: { json: flag, here: flag, keep: flag },
      });
      const { scenario } = await import('./scenario.ts');
      return scenario(positionals, {
        json: values.json ?? false,
        here: values.here ?? false,
        keep: values.keep ?? false,
      });
    },
  },
  simulate: {
    usage: 'simulate [--cases <n>] [--days <n>] [--seed <text>] [--no-faults] [--keep] [--json]',
    what: '模拟一年业务  a year of business in minutes, with faults; hub and counterparties must agree to the fen',
    async run(args) {
      const flag = { type: 'boolean' } as const;
      const text = { type: 'string' } as const;
      const options = { cases: text, days: text, seed: text, 'no-faults': flag, keep: flag, json: flag };
      const { values } = parseArgs({ args, options });
      const { simulate } = await import('./simulate.ts');
      return simulate({
        cases: Number(values.cases ?? 100),
        days: Number(values.days ?? 90),
        seed: values.seed ?? '1',
        faults: !(values['no-faults'] ?? false),
        json: values.json ?? false,
        keep: values.keep ?? false,
      });
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
};
