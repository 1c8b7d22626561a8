/** Authority to sign (授权核验) and templates (模板填充): the examples, and what a grant is worth. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { isKnownAccount, toAuthority as fascAuthority } from './fascAuthority.ts';
import { toFascFill } from './fascTemplate.ts';
import { refuseStrangers } from './limits.ts';
import { toAuthority as tsignAuthority } from './tsignAuthority.ts';
import { toTsignFill } from './tsignTemplate.ts';

const example = (file: string) =>
  JSON.parse(readFileSync(new URL(`examples/${file}.json`, import.meta.url), 'utf8')) as { from: never; to: unknown };

test.each([
  ['tsign.authority', tsignAuthority],
  ['tsign.authority.legal-representative', tsignAuthority],
  ['tsign.authority.over', tsignAuthority],
  ['tsign.authority.company-unknown', tsignAuthority],
  ['tsign.authority.person-unknown', tsignAuthority],
  ['tsign.fill', toTsignFill],
  ['fasc.authority', fascAuthority],
  ['fasc.authority.over', fascAuthority],
  ['fasc.authority.company-unknown', fascAuthority],
  ['fasc.authority.person-unknown', fascAuthority],
  ['fasc.fill', toFascFill],
])('%s is mapped as the example says', (file, map) => {
  const { from, to } = example(file);
  expect((map as (source: never) => unknown)(from)).toEqual(to);
});

describe('a grant at e签宝', () => {
  type Told = Parameters<typeof tsignAuthority>[0];
  const told: Told = example('tsign.authority').from;
  const [first] = told.grants[0]?.sealAuthorizedInfos ?? [];
  const answerTo = (change: object) => {
    const sealAuthorizedInfos = first ? [{ ...first, ...change }] : [];
    return tsignAuthority({ ...told, grants: [{ total: 1, sealAuthorizedInfos }] });
  };
  const under = (template: object) => answerTo({ sealAuthScope: { template } });

  test.each([
    ['for us', { templateId: null, applicationsIds: told.appId }, 'authorised'],
    ['for us among others', { templateId: null, applicationsIds: `1,${told.appId}` }, 'authorised'],
    ['for all applications', { templateId: null, applicationsIds: 'ALL' }, 'authorised'],
    ['for all templates', { templateId: 'ALL', applicationsIds: null }, 'authorised'],
    ['for one template', { templateId: 'dc4dd1c2', applicationsIds: null }, 'notAuthorised'],
    ['for another application', { templateId: null, applicationsIds: `${told.appId}0` }, 'notAuthorised'],
  ])('%s', (_what, template, result) => {
    expect(under(template)).toMatchObject({ result });
  });

  test('that is in force, and past its end, is over', () => {
    expect(answerTo({ expireTime: told.atMs })).toMatchObject({ result: 'notAuthorised', scope: [] });
    expect(answerTo({ expireTime: told.atMs + 1 })).toMatchObject({ result: 'authorised' });
  });

  test.each([0, 3])('of status %s authorises nobody', (authorizeStatus) => {
    expect(answerTo({ authorizeStatus })).toMatchObject({ result: 'notAuthorised' });
  });

  test.each([
    ['status', { authorizeStatus: 2 }],
    ['another status', { authorizeStatus: -1 }],
  ])('of an unmapped %s is unknown, and no no', (_what, change) => {
    expect(() => answerTo(change)).toThrow(expect.objectContaining({ type: 'EXT_CODE_UNMAPPED' }));
  });
});

test('an account at 法大大 is known when it lets us ask, is in use, and is verified', () => {
  const account = { bindingStatus: 'authorized', availableStatus: 'enable', identStatus: 'identified' };
  expect(isKnownAccount(account)).toBe(true);
  const changes = [{ bindingStatus: 'unauthorized' }, { availableStatus: 'disable' }, { identStatus: null }];
  for (const change of changes) expect(isKnownAccount({ ...account, ...change })).toBe(false);
  expect(() => isKnownAccount({ ...account, bindingStatus: 'unauthorized', identStatus: 'new' })).toThrow(
    expect.objectContaining({ type: 'EXT_CODE_UNMAPPED' }),
  );
});

test('a value that a template cannot take is refused by its name', () => {
  const fill = (name: string, value = 'x') => ({ requestNo: 'F-1', templateId: 't', fields: [{ name, value }] });
  const known = [{ name: 'no', isRequired: true, charsMax: 3 }];
  expect(() => refuseStrangers(fill('no', 'abc'), known)).not.toThrow();
  expect(() => refuseStrangers(fill('nr'), known)).toThrow('nr');
  expect(() => refuseStrangers(fill('no', 'abcd'), known)).toThrow('field no');
  const more = [...known, { name: 'date', isRequired: true }];
  expect(() => refuseStrangers(fill('no'), more)).toThrow('field date');
});
