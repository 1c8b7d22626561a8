/** What the signing vendors that tell authority (授权核验) and fill templates (模板填充) are asked, two things in turns. */
import { dealers } from '../../../sandbox/world.ts';
import { changed } from '../plants.ts';
import type { Answer, Bug } from '../subject.ts';
import { edited } from '../sealing.ts';
import { tells, valueAt } from '../telling.ts';
import type { Outcome } from '../../../adapters/adapter.ts';

/** The agents of two dealers, each with grants of their own. */
export function authorityAsked(turn: number): object {
  const dealer = dealers[turn % 2];
  if (!dealer) throw new Error('the world has two dealers');
  const { name, idNo, phone } = dealer.agent;
  return { company: { name: dealer.name, uscc: dealer.uscc }, person: { name, idNo, phone } };
}

/** Two templates, and so files of two lengths. */
export const fillAsked = (pledge: string, release: string) => (turn: number) =>
  turn % 2 === 0
    ? {
        requestNo: 'FILL-0',
        templateId: pledge,
        fields: fieldsOf({ contractNo: 'ZY-1', pledgor: '甲', pledgee: '乙' }),
      }
    : {
        requestNo: 'FILL-1',
        templateId: release,
        fields: fieldsOf({ noticeNo: 'FH-1', warehouse: '丙', goods: '钢' }),
      };

const fieldsOf = (values: Record<string, string>) => Object.entries(values).map(([name, value]) => ({ name, value }));

/** Every entry of a list in the answer's data, changed alike. */
export const everyIn =
  (list: string, change: object) =>
  (answer: Answer): Answer => ({
    ...answer,
    body: edited(answer.body, (fields) => {
      const data = (fields['data'] ?? {}) as Record<string, object[]>;
      return { ...fields, data: { ...data, [list]: (data[list] ?? []).map((one) => ({ ...one, ...change })) } };
    }),
  });

export const dataOf =
  (change: object) =>
  (answer: Answer): Answer => ({
    ...answer,
    body: edited(answer.body, (fields) => ({
      ...fields,
      data: { ...(fields['data'] as object | undefined), ...change },
    })),
  });

/** With this row the person is authorised, with any other not. */
export const authorisedWhen =
  (row: string) =>
  (outcome: Outcome, found: unknown): string | undefined =>
    tells('result', () => (found === row ? 'authorised' : 'notAuthorised'))(outcome, found);

/** With the row `known` the person is authorised; otherwise somebody is unknown. */
export const knownWhen =
  (unknown: 'companyUnknown' | 'personUnknown') =>
  (outcome: Outcome, row: unknown): string | undefined =>
    tells('result', () => (row === 'known' ? 'authorised' : unknown))(outcome, row);

export function sealTypeIs(outcome: Outcome, row: unknown): string | undefined {
  if (outcome.outcome !== 'confirmed') return 'is not confirmed';
  return valueAt(outcome.response, 'scope.0.sealType') === row ? undefined : 'says another type of seal';
}

/** Nobody's authority is checked so: a company that could not be asked about has no signers, and a case stops for good. */
export const silenceIsNobody: Bug = {
  what: 'answers that the person is unknown when the vendor did not tell',
  plant: (dialect) =>
    changed(dialect, {
      act: (act, operation) => async (request, wire) => {
        if (operation !== 'checkAuthority') return act(request, wire);
        try {
          return await act(request, wire);
        } catch {
          return { result: 'personUnknown', scope: [], vendorRefs: {} };
        }
      },
    }),
};
