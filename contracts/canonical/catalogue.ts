/**
 * Every contract of the hub: entities, messages, and what each kind of external system promises. Entities, messages and
 * what trading units send over the hub's own API are published: partners read and write them.
 */
import { bank } from '../bank/bank.ts';
import { cfca } from '../cfca/cfca.ts';
import { clearing } from '../clearing/clearing.ts';
import type { Contract } from '../contract.ts';
import { esign } from '../esign/esign.ts';
import { evidence } from '../evidence/evidence.ts';
import { identity } from '../identity/identity.ts';
import { QueryByNumber, type Kind } from '../kind.ts';
import { notify } from '../notify/notify.ts';
import { portal } from '../portal/portal.ts';
import { price } from '../price/price.ts';
import { registry } from '../registry/registry.ts';
import { sap } from '../sap/sap.ts';
import { wms } from '../wms/wms.ts';
import type { Definition } from './definition.ts';
import * as configuration from './entities/configuration.ts';
import * as factoring from './entities/factoring.ts';
import * as funding from './entities/funding.ts';
import * as goods from './entities/goods.ts';
import * as lending from './entities/lending.ts';
import * as oversight from './entities/oversight.ts';
import * as parties from './entities/parties.ts';
import * as pledges from './entities/pledges.ts';
import * as proof from './entities/proof.ts';
import * as trade from './entities/trade.ts';
import { exampleOf } from './example.ts';
import { factoringMessages } from './messages/factoring.ts';
import { goodsMessages } from './messages/goods.ts';
import { lendingMessages } from './messages/lending.ts';
import { oversightMessages } from './messages/oversight.ts';
import { partyMessages, tradeMessages } from './messages/parties.ts';
import {
  evidenceMessages,
  paymentMessages,
  reconciliationMessages,
  registrationMessages,
  signMessages,
} from './messages/proof.ts';

const areas = [parties, configuration, trade, factoring, goods, pledges, lending, funding, proof, oversight];

export const entities: readonly Definition[] = areas
  .flatMap((area) => Object.values<unknown>(area))
  .filter(isDefinition);

export const messages: readonly Definition[] = [
  ...partyMessages,
  ...tradeMessages,
  ...lendingMessages,
  ...factoringMessages,
  ...signMessages,
  ...registrationMessages,
  ...goodsMessages,
  ...paymentMessages,
  ...oversightMessages,
  ...reconciliationMessages,
  ...evidenceMessages,
];

/** Partners write to the portal; the other kinds are between adapters and flows. */
const published: ReadonlySet<string> = new Set([portal.name]);
const kinds = [
  portal,
  sap,
  wms,
  bank,
  clearing,
  cfca,
  esign,
  registry,
  price,
  evidence,
  identity,
  notify,
] as readonly Kind[];

/** Grows when a published contract of a kind changes in a way that could break a partner. */
const versions: Readonly<Record<string, number>> = {};

export const catalogue: readonly Definition[] = [...entities, ...messages, ...ofKinds()];

export function contractByName(name: string): Definition | undefined {
  return catalogue.find((definition) => definition.name === name);
}

/** A contract that several operations share is listed once, under the first. */
function ofKinds(): Definition[] {
  const query = 'The number under which an earlier request is known.';
  const all = new Map([[QueryByNumber.name, plain(QueryByNumber, 'operation', '按编号查询：请求', query, false)]]);
  for (const { name: kind, operations, notices } of kinds) {
    for (const { name, label, request, response } of Object.values(operations)) {
      const sides = [
        [request, '请求', 'Request'],
        [response, '应答', 'Answer'],
      ] as const;
      for (const [contract, zh, en] of sides)
        if (!all.has(contract.name))
          all.set(
            contract.name,
            plain(contract, 'operation', `${label.zh}：${zh}`, `${en} of ${name}: ${label.en}.`, published.has(kind)),
          );
    }
    for (const { name, label, contract } of Object.values(notices))
      if (!all.has(contract.name))
        all.set(
          contract.name,
          plain(contract, 'notice', label.zh, `Notice ${name}: ${label.en}.`, published.has(kind)),
        );
  }
  return [...all.values()];
}

function plain(
  contract: Contract,
  kind: 'operation' | 'notice',
  title: string,
  description: string,
  isPublished: boolean,
): Definition {
  return {
    kind,
    name: contract.name,
    version: versions[contract.name] ?? 1,
    title,
    description,
    published: isPublished,
    contract,
    example: exampleOf(contract.schema),
  };
}

function isDefinition(value: unknown): value is Definition {
  return typeof value === 'object' && value !== null && 'contract' in value && 'published' in value;
}
