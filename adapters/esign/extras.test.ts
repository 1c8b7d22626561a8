/** Authority to sign (授权核验) and templates (模板填充), where the conformance suite cannot look. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { bench, type Bench } from '../../test/adapter.ts';
import { dealers, esignFasc, esignTsign, funder, type Dealer, type TwinSpec } from '../../test/twins.ts';
import { dealer, envelope, sha256 } from './envelope.fixture.ts';
import service from './esign.service.ts';

const systems = [
  { vendor: 'tsign', twin: esignTsign, keys: esignTsign.enrol(), templateId: '7d3f0c5a9b1e4862a4c7e8f90b2d6135' },
  { vendor: 'fasc', twin: esignFasc, keys: esignFasc.enrol(), templateId: '1690360801365154633' },
];
const [, other = dealer] = dealers;
const stranger = { name: '周不识', idNo: '350200199001010018', phone: '13800009999' };

describe.each(systems)('$vendor', ({ twin, keys, templateId }) => {
  let hub: Bench;
  beforeEach(async () => {
    hub = await bench(
      service,
      { ...(twin as unknown as TwinSpec<object>), enrol: () => keys },
      { timeoutMs: 2_000, speed: 72_000 },
    );
  });
  afterEach(() => hub.stop());

  const ask = (person: object, company: { name: string; uscc: string } = dealer) =>
    hub.call('esign.checkAuthority', { company: { name: company.name, uscc: company.uscc }, person: plain(person) });

  test('an agent may use the seals that were granted and are in use, until the first of the grants ends', async () => {
    expect(await ask(dealer.agent)).toMatchObject({
      outcome: 'confirmed',
      response: {
        result: 'authorised',
        scope: [
          { sealName: '公章', sealType: 'official' },
          { sealName: '合同专用章', sealType: 'contract' },
        ],
        validTo: '2028-12-31T15:59:59.000Z',
        vendorRefs: { company: expect.any(String), person: expect.any(String) },
      },
    });
  });

  test('a legal representative may use every seal in use, for ever', async () => {
    const answer = responseOf(await ask(dealer.legalRep));
    expect(answer).toMatchObject({ result: 'authorised', scope: [{ sealType: 'official' }, { sealType: 'contract' }] });
    expect(answer).not.toHaveProperty('validTo');
  });

  test.each([
    ['a grant that is over', () => ask(dealer.picker)],
    ['the agent of another company', () => ask(other.agent)],
  ])('%s authorises nobody', async (_what, act) => {
    expect(responseOf(await act())).toMatchObject({ result: 'notAuthorised', scope: [] });
  });

  test('a grant is looked at in business time, and people change it', async () => {
    const { uscc } = dealer;
    const { idNo } = other.agent;
    const authorise = (change: object) => hub.control('POST', 'acts/authorise', { uscc, idNo, ...change });
    await authorise({ state: 'live', until: '2031-01-01T00:00:00+08:00' });
    const granted = { result: 'authorised', scope: [{ sealType: 'contract' }], validTo: '2030-12-31T16:00:00.000Z' };
    expect(responseOf(await ask(other.agent))).toMatchObject(granted);
    await authorise({ state: 'live', until: '2026-01-02T00:00:00+08:00' });
    expect(responseOf(await ask(other.agent))).toMatchObject({ result: 'notAuthorised' });
    await authorise({ state: 'toCome' });
    expect(responseOf(await ask(other.agent))).toMatchObject({ result: 'notAuthorised' });
  });

  test('who is not known, or known under another name, is unknown', async () => {
    expect(responseOf(await ask(stranger))).toMatchObject({ result: 'personUnknown', scope: [] });
    expect(responseOf(await ask({ ...dealer.agent, name: '别人' }))).toMatchObject({ result: 'personUnknown' });
    const nobody = { name: '厦门无名有限公司', uscc: '91350200MA39000X8Q' };
    expect(responseOf(await ask(dealer.agent, nobody))).toEqual({
      result: 'companyUnknown',
      scope: [],
      vendorRefs: {},
    });
    const renamed = { name: funder.name, uscc: dealer.uscc };
    expect(responseOf(await ask(dealer.agent, renamed))).toMatchObject({ result: 'companyUnknown' });
  });

  test('no identity number is kept in the record of what was asked for', async () => {
    await ask(dealer.agent);
    expect(JSON.stringify(hub.exchanges.at(-1)?.parts.map(({ path }) => path))).not.toContain(dealer.agent.idNo);
  });

  const fill = (fields: Record<string, string>, requestNo = 'FILL-1') =>
    hub.call('esign.fillTemplate', {
      requestNo,
      templateId,
      fields: Object.entries(fields).map(([name, value]) => ({ name, value })),
    });
  const values = { contractNo: 'ZY/2026-01', pledgor: dealer.name, pledgee: funder.name };

  test('a filled template is a document that an envelope takes, and that is signed', async () => {
    const filled = responseOf(await fill(values)) as { fileName: string; sha256: string; contentBase64: string };
    expect(filled.fileName).toBe('FILL-1.pdf');
    expect(sha256(Buffer.from(filled.contentBase64, 'base64'))).toBe(filled.sha256);
    const started = responseOf(await hub.call('esign.startEnvelope', { ...envelope(), documents: [filled] }));
    const { vendorFlowId } = started as { vendorFlowId: string };
    await hub.fact('esign.envelopeFinished');
    const documents = [{ fileName: filled.fileName, sha256: filled.sha256 }];
    expect(responseOf(await hub.call('esign.fetchDocuments', { vendorFlowId, documents }))).toMatchObject({
      documents: [{ fileName: 'FILL-1.pdf', originalSha256: filled.sha256 }],
    });
  });

  test.each([
    ['a field that the template does not have', { ...values, colour: 'red' }, 'colour'],
    ['a value that is too long', { ...values, contractNo: 'x'.repeat(41) }, 'contractNo'],
    ['a missing value', { contractNo: 'ZY-1', pledgor: dealer.name }, 'pledgee'],
  ])('%s is refused by its name', async (_what, fields, name) => {
    expect(await fill(fields)).toMatchObject({
      outcome: 'refused',
      code: 'SYSTEM_REFUSED',
      detail: expect.stringContaining(name),
    });
  });

  test('a template that nobody made is refused', async () => {
    const fields = [{ name: 'a', value: 'b' }];
    const asked = { requestNo: 'FILL-1', templateId: '1'.repeat(19), fields };
    expect(await hub.call('esign.fillTemplate', asked)).toMatchObject({ outcome: 'refused', code: 'SYSTEM_REFUSED' });
  });

  test('one field with two values is refused before anything is sent', async () => {
    const fields = [
      { name: 'contractNo', value: 'a' },
      { name: 'contractNo', value: 'b' },
    ];
    const outcome = await hub.call('esign.fillTemplate', { requestNo: 'FILL-1', templateId, fields });
    expect(outcome).toMatchObject({ outcome: 'refused', code: 'CONTRACT_VIOLATED' });
    expect(hub.exchanges.at(-1)?.parts).toEqual([]);
  });
});

const plain = (person: object) => {
  const { name, idNo, phone } = person as Dealer['agent'];
  return { name, idNo, phone };
};

function responseOf(outcome: unknown): unknown {
  expect(outcome).toMatchObject({ outcome: 'confirmed' });
  return (outcome as { response: unknown }).response;
}
