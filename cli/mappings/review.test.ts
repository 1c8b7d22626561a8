import { expect, test } from '@jest/globals';
import { exampleOf, examples, order, reasons, states, testMapping } from './order.fixture.ts';
import { reviewOf } from './review.ts';

const tables = [states];
const review = reviewOf(testMapping({ drops: reasons }), examples, tables);

test('every field is carried, decides, is dropped or made up, and nothing is wrong when all of it is shown and said', () => {
  expect(review.carried).toMatchObject({
    '/no': ['/no'],
    '/payer/name': ['/payer'],
    '/lines/[]/code': ['/lines/[]/material'],
    '/lines/[]/quantity': expect.arrayContaining(['/lines/[]/quantity']),
  });
  expect(review.dropped).toEqual(reasons);
  expect(review.defaulted).toMatchObject({ '/channel': ['edi'] });
  expect(review.unfilled).toEqual({});
  expect(review.unseen.target).toEqual(['/<outcome=confirmed>/remark']);
  expect(review.problems).toEqual([]);
});

test('what a code table turns is carried: the other codes of the table show it', () => {
  expect(review.carried['/state']).toContain('/state');
  expect(reviewOf(testMapping({ drops: reasons }), examples, []).carried['/state']).not.toContain('/state');
});

test('two values that are held against each other are followed though neither can change alone', () => {
  expect(review.carried['/total']).toEqual(['/outcome', '/total']);
  expect(review.defaulted).not.toHaveProperty('/total');
});

test('a member of a union that no example reaches is a required target that is not filled', () => {
  const { problems, unfilled } = reviewOf(testMapping({ drops: reasons }), examples.slice(0, 2), tables);
  expect(unfilled).toEqual({ '/<outcome=refused>': null });
  expect(problems).toEqual(['required target /<outcome=refused>: no example fills it']);
});

test('a list that is empty in every example leaves what it requires unfilled', () => {
  const empty = exampleOf({ ...order, lines: [], total: 0 });
  const { unfilled } = reviewOf(testMapping({ drops: reasons }), [empty, ...examples.slice(1)], tables);
  expect(Object.keys(unfilled)).toEqual(['/<outcome=confirmed>/lines/[]']);
});

test('a dropped field without a reason is named, and so is a reason for what is not dropped', () => {
  const { '/kind': _, ...others } = reasons;
  const { problems } = reviewOf(testMapping({ drops: { ...others, '/no': 'why not' } }), examples, tables);
  expect(problems).toEqual([
    'source /kind: dropped, and the mapping does not say why',
    'source /no: declared as dropped, but it is read or not there',
  ]);
});

test('a part of the target may be left empty for a reason, as long as that is so', () => {
  const declared = { drops: reasons, leaves: { '/<outcome=refused>': 'never refused here' } };
  expect(reviewOf(testMapping(declared), examples.slice(0, 2), tables).problems).toEqual([]);
  expect(reviewOf(testMapping(declared), examples, tables).problems).toEqual([
    'target /<outcome=refused>: declared as left empty, but it is filled or not there',
  ]);
});

test('an example that does not come out as it says is named with the place, never with the value', () => {
  const wrong = exampleOf(order, { ...examples[0].to, payer: '李四' }, 'wrong.json');
  const unmapped = exampleOf({ ...order, state: 'Z' }, {}, 'unmapped.json');
  const broken = exampleOf({ ...order, no: 7 }, {}, 'broken.json');
  const { problems } = reviewOf(testMapping({ drops: reasons }), [...examples, wrong, unmapped, broken], tables);
  expect(problems).toEqual([
    'wrong.json: /payer is not what the example says',
    expect.stringMatching(/^unmapped\.json: EXT_CODE_UNMAPPED #\/state /),
    expect.stringMatching(/^broken\.json: CONTRACT_VIOLATED .*#\/no/),
  ]);
});

test('a mapping without example fails, with all that it does not fill', () => {
  const { problems } = reviewOf(testMapping(), [], tables);
  expect(problems[0]).toBe('no example: nothing is known of it');
  expect(problems).toContain('required target /<outcome=confirmed>: no example fills it');
});
