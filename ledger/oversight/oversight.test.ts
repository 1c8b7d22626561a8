import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { bank } from '../../contracts/bank/bank.ts';
import { exampleOf } from '../../contracts/canonical/example.ts';
import { cfca } from '../../contracts/cfca/cfca.ts';
import { clearing } from '../../contracts/clearing/clearing.ts';
import { esign } from '../../contracts/esign/esign.ts';
import { evidence } from '../../contracts/evidence/evidence.ts';
import { identity } from '../../contracts/identity/identity.ts';
import { notify } from '../../contracts/notify/notify.ts';
import type { Notice } from '../../contracts/kind.ts';
import { portal } from '../../contracts/portal/portal.ts';
import { price } from '../../contracts/price/price.ts';
import { registry } from '../../contracts/registry/registry.ts';
import { sap } from '../../contracts/sap/sap.ts';
import { wms } from '../../contracts/wms/wms.ts';
import type { Work } from '../attack.fixture.ts';
import { actor, books, refusal, type Books } from '../fixture.ts';
import { move, stateOf, type Tx } from '../lifecycle.ts';
import { authorise } from '../parties/authorities.ts';
import { admitted, blacklistedParty } from '../parties/companyAttacks.fixture.ts';
import { inTime } from '../parties/elsewhen.fixture.ts';
import { drawingRefused } from '../parties/parties.ts';
import { anySigner, inHours } from '../parties/specimens.fixture.ts';
import { acknowledge, clear, escalateOverdue, observe, raise, type Measurement } from './alerts.ts';
import { decide, decidedElsewhere, lapseApprovals } from './approvals.ts';
import { proposed } from './approvalAttacks.fixture.ts';
import { activateEntry, expireEntries, liftEntry, proposeEntry } from './blacklist.ts';
import { enterManually, postManually, type Enterable } from './manualEntries.ts';

let the: Books;
beforeAll(async () => {
  the = await books();
});
afterAll(() => the.drop());

const people = { maker: '甲', checker: '乙', source: 'hub' };
const tx = <T>(work: (tx: Tx) => Promise<T>) => the.store.tx(work);
const told = (work: Work) => refusal(the.store.tx(work));

describe('an alert', () => {
  const ltv = (subject: string, measured: string): Measurement => ({
    type: 'PRICE_WARN',
    subject,
    level: 'WARN',
    metric: 'LTV',
    measured,
    threshold: '0.75',
    rings: 'above',
  });

  test('rings once while a value trembles on the line, and again after it had come back by 2 %', async () => {
    const subject = randomUUID();
    const seen = async (measured: string) => (await tx((tx) => observe(tx, ltv(subject, measured), actor))).opened;
    expect([await seen('0.749999'), await seen('0.75'), await seen('0.80')]).toEqual([false, true, false]);
    await tx((tx) => clear(tx, { type: 'PRICE_WARN', subject }, actor, 'topped up'));
    expect([await seen('0.7499'), await seen('0.76'), await seen('0.7351'), await seen('0.76')]).toEqual([
      false,
      false,
      false,
      false,
    ]);
    expect([await seen('0.735'), await seen('0.7499'), await seen('0.75')]).toEqual([false, false, true]);
  });

  test('below its line it does so the other way round, and each grade and line by itself', async () => {
    const subject = randomUUID();
    const days =
      (measured: string, threshold: string): Work =>
      async (tx) =>
        (
          await observe(
            tx,
            { type: 'REG_EXPIRING', subject, level: 'INFO', measured, threshold, rings: 'below' },
            actor,
          )
        ).opened;
    const done: Work = (tx) => clear(tx, { type: 'REG_EXPIRING', subject }, actor, 'seen');
    expect([await tx(days('31', '30')), await tx(days('30', '30'))]).toEqual([false, true]);
    await tx(done);
    expect([await tx(days('29', '30')), await tx(days('7', '7'))]).toEqual([false, true]);
  });

  test('of two who see it at once one opens it', async () => {
    const subject = randomUUID();
    const both = await Promise.all([0, 1, 2].map(() => tx((tx) => observe(tx, ltv(subject, '0.9'), actor))));
    expect(both.filter(({ opened }) => opened)).toHaveLength(1);
    expect(new Set(both.map(({ open }) => open)).size).toBe(1);
  });

  test('escalates when its deadline passes, and is somebody’s then', async () => {
    const alarm = { type: 'CONNECTOR_DOWN', subject: randomUUID(), level: 'WARN', deadline: inHours(1) } as const;
    const { open: no = '' } = await tx((tx) => raise(tx, alarm, actor));
    expect(await tx((tx) => raise(tx, alarm, actor))).toEqual({ open: no, opened: false });
    expect(await tx((tx) => escalateOverdue(tx, actor))).toEqual([]);
    const states = await inTime(the, 2, async (tx) => {
      expect(await escalateOverdue(tx, actor)).toEqual([no]);
      await acknowledge(tx, no, 'U-7', actor);
      return stateOf(tx, 'alert', no);
    });
    expect(states).toBe('ACTION');
    expect(no).toMatch(/^AL\d{8}-\d{6}$/);
  });
});

describe('the blacklist', () => {
  test('freezes a company; off the list, two people unfreeze it', async () => {
    const { party, entry } = await blacklistedParty(the);
    expect(await tx((tx) => stateOf(tx, 'party', party))).toBe('FROZEN');
    const unfreeze: Work = async (tx) => {
      const approval = await decidedElsewhere(tx, { entity: 'party', id: party, event: 'unfreeze' }, people, actor);
      await move(tx, 'party', party, 'unfreeze', actor, {}, { approval });
    };
    expect(await told(unfreeze)).toBe('NOT_ALLOWED');
    await tx(async (tx) => {
      const approval = await decidedElsewhere(tx, { entity: 'blacklist', id: entry, event: 'lift' }, people, actor);
      await liftEntry(tx, entry, approval, actor);
    });
    expect(await told(unfreeze)).toBe('nothing refused it');
    expect(await tx((tx) => drawingRefused(tx, party))).toBeUndefined();
  });

  test('names a person by a keyed hash, freezes whom he signs for, and ends by itself', async () => {
    const party = await admitted(the);
    const signer = anySigner();
    await tx((tx) => authorise(tx, party, signer, 'LEGAL_REP', actor));
    const listed = {
      scope: 'LOCAL',
      reasonCode: 'DISHONEST',
      source: 'DISHONEST_DEBTOR_LIST',
      validTo: inHours(24),
    } as const;
    const frozen = await tx(async (tx) => {
      const id = await proposeEntry(tx, { subject: { idNo: signer.idNo }, ...listed }, actor);
      expect(await drawingRefused(tx, party)).toBeUndefined();
      return activateEntry(
        tx,
        id,
        await decidedElsewhere(tx, { entity: 'blacklist', id, event: 'activate' }, people, actor),
        actor,
      );
    });
    expect(frozen).toEqual([party]);
    const rows = await the.store.pool.query('select to_jsonb(b)::text row from blacklist b');
    expect(JSON.stringify(rows.rows)).not.toContain(signer.idNo);
    expect(await inTime(the, 25, (tx) => expireEntries(tx, actor))).toBe(1);
  });
});

describe('an approval', () => {
  test('is worth nothing after seven days, whether it was decided or not', async () => {
    const { approval } = await proposed(the);
    expect(await refusal(inTime(the, 7 * 24 + 1, (tx) => decide(tx, approval, 'approve', '乙', actor)))).toBe(
      'APPROVAL_STALE',
    );
    expect(await inTime(the, 7 * 24 - 1, (tx) => lapseApprovals(tx, actor))).toBe(0);
    expect(await inTime(the, 7 * 24 + 1, (tx) => lapseApprovals(tx, actor))).toBe(1);
  });
});

describe('what is entered by hand', () => {
  const message: Enterable<{ no: string; quantity: string }> = {
    name: 'wms.received',
    contract: { name: 'wms/received', check: (value) => value as { no: string; quantity: string } },
    keyOf: ({ no }) => no,
    idOf: ({ no }) => `received ${no}`,
  };
  const entry = (payload: object) => ({
    system: 'wms',
    payload,
    documentSha256: 'f'.repeat(64),
    reason: '仓库系统停机',
  });

  test('is the same fact as the system’s own, when the second person enters the same', async () => {
    const id = await tx((tx) => enterManually(tx, message, entry({ no: 'L-9', quantity: '1.000' }), actor));
    const post = (payload: object, approval: string) => (tx: Tx) =>
      postManually(tx, message, id, payload, approval, actor);
    const approval = await tx((tx) =>
      decidedElsewhere(tx, { entity: 'manual_entry', id, event: 'post' }, people, actor),
    );
    expect(await told(post({ no: 'L-9', quantity: '1.001' }, approval))).toBe('APPROVAL_STALE');
    const fact = await tx(post({ quantity: '1.000', no: 'L-9' }, approval));
    expect(fact).toMatchObject({
      channel: 'MANUAL',
      system: 'wms',
      name: 'wms.received',
      key: 'L-9',
      id: 'received L-9',
    });
    expect(await told((tx) => enterManually(tx, message, entry({ no: 'L-9', quantity: '1.000' }), actor))).toBe(
      'IDEMPOTENCY_CONFLICT',
    );
  });

  test('every notice of every connector can be, and what breaks its contract cannot', async () => {
    const kinds = [bank, cfca, clearing, esign, evidence, identity, notify, portal, price, registry, sap, wms];
    const notices = kinds.flatMap((kind) => Object.values<Notice>(kind.notices));
    expect(notices.length).toBeGreaterThan(10);
    for (const notice of notices) {
      const payload = exampleOf(notice.contract.schema);
      const inTwo = async (tx: Tx) => {
        const id = await enterManually(tx, notice, { ...entry({}), payload }, actor);
        const approval = await decidedElsewhere(tx, { entity: 'manual_entry', id, event: 'post' }, people, actor);
        return postManually(tx, notice, id, payload, approval, actor);
      };
      const fact = await tx(inTwo);
      expect(fact).toMatchObject({
        name: notice.name,
        channel: 'MANUAL',
        key: notice.keyOf(payload),
        id: notice.idOf(payload),
      });
      const answer = await told((tx) => enterManually(tx, notice, entry({ nonsense: true }), actor));
      expect([notice.name, answer]).toEqual([notice.name, 'CONTRACT_VIOLATED']);
    }
  });
});
