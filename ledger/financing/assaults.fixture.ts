/** For tests: two writers at once against the invariants of this area (domain.md 3). */
import type { Assault, Work } from '../attack.fixture.ts';
import { accounts, actor } from '../fixture.ts';
import { stages } from '../fixtureStages.ts';
import { move } from '../lifecycle.ts';
import { submitApplication } from './applications.ts';
import { lockAsset } from './assets.ts';
import { recordSignature } from './envelopes.ts';
import { bringFactoring, subscription } from './factoring.fixture.ts';
import { placeSubscription } from './offers.ts';
import { amendRegistration, draftRegistration, recordSearch, submitShare } from './registrations.ts';

const hourMs = 3_600_000;

export const assaultsOnFinancing: readonly Assault[] = [
  {
    invariant: 'I-05',
    title: 'two applications for one order at once',
    without: ['drop index asset_locked_once'],
    prepare: async (the, [one = 0, two = 0]) => {
      const deal = await the.bring('ordered');
      const apply =
        (no: string, die: number): Work =>
        (tx) =>
          submitApplication(
            tx,
            {
              no: `${deal.applicationNo}-${no}`,
              caseId: deal.caseId,
              orderNo: deal.orderNo,
              borrower: the.dealer,
              funder: the.funder,
              amount: `${1 + die}000.00`,
              currency: 'CNY',
              tenorDays: 90,
              purpose: '采购螺纹钢',
              payeeAccount: accounts.unit,
            },
            actor,
          );
      return [apply('1', one), apply('2', two)];
    },
  },
  {
    invariant: 'I-05',
    title: 'assets of any kind, wanted by two',
    without: ['drop index asset_locked_once'],
    prepare: async (the, dice) => {
      const [one, two] = [await the.bring('applied'), await the.bring('applied')];
      const kinds = ['order', 'invoice', 'lot', 'receipt'] as const;
      const keys = dice.map((die) => `${kinds[die % 4] ?? 'lot'}:${one.orderNo}-${die % 3}`).toSorted();
      const want =
        (applicationNo: string, some: readonly string[]): Work =>
        async (tx) => {
          for (const key of new Set(some)) await lockAsset(tx, key, applicationNo);
        };
      return [want(one.applicationNo, keys.slice(0, 4)), want(two.applicationNo, keys.slice(2))];
    },
  },
  {
    invariant: 'I-06',
    title: 'registrations after searches of any age, or none',
    without: [
      'alter table registration drop constraint search_is_fresh',
      'alter table registration drop constraint submitted_is_searched',
    ],
    prepare: async (the, dice) => {
      const f = await bringFactoring(the, 'assigned');
      const register =
        (no: string, die: number): Work =>
        async (tx) => {
          const requestNo = `${f.requestNo}-${no}`;
          await draftRegistration(tx, { requestNo, applicationNo: f.applicationNo }, actor);
          const searchedAt = new Date(Date.now() - (die % 48) * hourMs).toISOString();
          if (die % 5 !== 0) await recordSearch(tx, requestNo, { searchNo: `S-${requestNo}`, searchedAt }, actor);
          else await move(tx, 'registration', requestNo, 'search', actor);
          await submitShare(tx, requestNo, actor);
        };
      return [register('1', dice[0] ?? 0), register('2', dice[1] ?? 0)];
    },
  },
  {
    invariant: 'I-07',
    title: 'an envelope completed while somebody signs',
    without: ['drop trigger envelope_moves on envelope'],
    prepare: async (the, [one = 0, two = 0]) => {
      const f = await bringFactoring(the, 'signing');
      const sign: Work = async (tx) => {
        for (let position = 1; position <= 1 + (one % 3); position += 1)
          await recordSignature(tx, { envelopeNo: f.envelopeNo, position, at: new Date() }, actor);
      };
      const verified = two % 2 === 0 ? { verified_at: new Date() } : {};
      const complete: Work = (tx) =>
        move(tx, 'envelope', f.envelopeNo, 'complete', actor, { vendor_status: 'completed', ...verified });
      return [sign, complete];
    },
  },
  {
    invariant: 'I-30',
    title: 'subscriptions of whoever comes',
    without: ['drop trigger subscription_moves on subscription'],
    prepare: async (the, dice) => {
      const f = await bringFactoring(the, 'published');
      const funders = [f.funder, f.others[0], f.others[1], f.creditor];
      const place =
        (i: 0 | 1): Work =>
        (tx) =>
          placeSubscription(tx, { ...subscription(f, i), funder: funders[(dice[i] ?? 0) % 4] ?? f.funder }, actor);
      return [place(0), place(1)];
    },
  },
  {
    invariant: 'I-33',
    title: 'a loan settled while its registration is amended',
    without: ['drop trigger registration_due_at_end on loan'],
    prepare: async (the) => {
      const deal = await the.bring('matched');
      return [(tx) => stages.posted(tx, deal), (tx) => amendRegistration(tx, deal.requestNo, actor, 'another amount')];
    },
  },
];
