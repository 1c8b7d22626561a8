/** How things are called in pictures: parties by their systems, messages by the labels of their contracts. */
import type { Contract } from '../contracts/contract.ts';
import type { Kind, Label, Notice, Operation } from '../contracts/kind.ts';
import type { Milestone } from '../engine/flow.ts';
import type { GatewayOptions, PartyEntry } from './options.ts';

export const hubParty = 'hub';

const hubEntry: PartyEntry = { id: hubParty, name: { zh: '链枢平台', en: 'Hub' }, system: 'Lianshu' };
const refusedLabel: Label = { zh: '来报未受理', en: 'message not taken' };
/** Evidence is told to the chain at every turn; nobody reads a picture for it. */
const minorKinds: ReadonlySet<string> = new Set(['evidence']);

export class Pictures {
  readonly #parties: readonly PartyEntry[];
  readonly #partyOf: GatewayOptions['partyOf'];
  readonly #operations: ReadonlyMap<string, Operation>;
  readonly #notices: ReadonlyMap<string, Notice>;
  readonly #queries: ReadonlySet<string>;
  readonly #titles: ReadonlyMap<string, Label>;
  readonly #flows: GatewayOptions['flows'];

  constructor(options: Pick<GatewayOptions, 'parties' | 'partyOf' | 'kinds' | 'flows'>) {
    const { parties, kinds, flows } = options;
    this.#parties = parties.some((party) => party.id === hubParty) ? parties : [hubEntry, ...parties];
    this.#partyOf = options.partyOf;
    const operations = kinds.flatMap((kind: Kind) => Object.values(kind.operations) as Operation[]);
    const notices = kinds.flatMap((kind: Kind) => Object.values(kind.notices) as Notice[]);
    this.#operations = new Map(operations.map((operation) => [operation.name, operation]));
    this.#notices = new Map(notices.map((notice) => [notice.name, notice]));
    this.#queries = new Set(
      operations.flatMap((operation) => (operation.query === undefined ? [] : [operation.query])),
    );
    this.#titles = new Map(flows.map((flow) => [flow.name, flow.title]));
    this.#flows = flows;
  }

  /** The way that a flow is part of: its own steps, those of the flow that leads to it, and of those that it leads to. */
  wayOf(flow: string): { readonly flows: ReadonlySet<string>; readonly milestones: readonly Milestone[] } {
    const first = this.#flows.find(({ leadsTo }) => leadsTo?.includes(flow))?.name ?? flow;
    const onWay = new Set([first, ...(this.#flows.find(({ name }) => name === first)?.leadsTo ?? [])]);
    const byNo = new Map<number, Milestone>();
    for (const { name, milestones } of this.#flows)
      for (const milestone of onWay.has(name) ? milestones : [])
        if (!byNo.has(milestone.no)) byNo.set(milestone.no, milestone);
    return { flows: onWay, milestones: [...byNo.values()].toSorted((a, b) => a.no - b.no) };
  }

  /** The id of the party behind a party id, a system or a caller. */
  partyIdOf(name: string): string {
    return this.#partyOf?.(name) ?? this.#entry(name)?.id ?? name;
  }

  /** Whose turn it is: a party, or the system of that kind that the case has dealt with; the kind itself before it has. */
  turnOf(who: string, seen: ReadonlySet<string>): string {
    const ofKind = this.#parties.filter((party) => party.kind === who);
    const dealtWith = ofKind.find((party) => seen.has(party.id)) ?? (ofKind.length === 1 ? ofKind[0] : undefined);
    return dealtWith?.id ?? this.partyIdOf(who);
  }

  party(name: string): PartyEntry {
    const id = this.partyIdOf(name);
    return this.#entry(id) ?? { id, name: { zh: name, en: name }, system: name };
  }

  /** In the order in which they were configured, so that lanes do not jump about; the hub is always there. */
  partiesIn(ids: ReadonlySet<string>): readonly PartyEntry[] {
    const listed = this.#parties.filter((party) => party.id === hubParty || ids.has(party.id));
    const known = new Set(listed.map((party) => party.id));
    return [...listed, ...[...ids].filter((id) => !known.has(id)).map((id) => this.party(id))];
  }

  flowTitle(flow: string): Label {
    return this.#titles.get(flow) ?? { zh: flow, en: flow };
  }

  verb(operation: string): Label {
    const label = this.#operations.get(operation)?.label ?? this.#notices.get(operation)?.label;
    return label ?? (operation.endsWith('.receive') ? refusedLabel : { zh: operation, en: operation });
  }

  isOperation(name: string): boolean {
    return this.#operations.has(name);
  }

  importance(operation: string, state: string): 'high' | 'low' {
    if (state !== 'ok') return 'high';
    return minorKinds.has(operation.split('.')[0] ?? '') || this.#queries.has(operation) ? 'low' : 'high';
  }

  /** By what a message may be shown. None: everything in it is masked. */
  contracts(operation: string): { readonly request: Contract | undefined; readonly answer: Contract | undefined } {
    const known = this.#operations.get(operation);
    if (known) return { request: known.request, answer: known.response };
    return { request: this.#notices.get(operation)?.contract, answer: undefined };
  }

  #entry(name: string): PartyEntry | undefined {
    return this.#parties.find((party) => party.id === name) ?? this.#parties.find((party) => party.system === name);
  }
}
