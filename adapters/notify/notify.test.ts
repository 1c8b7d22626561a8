/** What the conformance suite cannot see of messages: how often they leave, what stands in them, and what stays on record. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { bench, type Bench } from '../../test/adapter.ts';
import { notifySms, notifySmtp, notifyWecom } from '../../test/twins.ts';
import service from './notify.service.ts';

const sent = async (vendor: Bench, kind: string, no: string) =>
  (await vendor.effects()).filter((line) => line.kind === kind && line.number === no).length;

describe('text messages', () => {
  const keys = notifySms.enrol();
  let vendor: Bench;
  beforeAll(async () => {
    vendor = await bench(service, { ...notifySms, enrol: () => keys }, { speed: 1 });
  });
  afterAll(() => vendor.stop());
  const message = (messageNo: string, phone: string) => ({
    messageNo,
    phone,
    template: 'signRequest',
    params: [
      { name: 'contractNo', value: 'PLEDGE-2026-0001' },
      { name: 'deadline', value: '11-25 18:00' },
    ],
  });

  test('one request is one message, and the same twice is two: the vendor does not look', async () => {
    const first = await vendor.call('notify.sendSms', message('S-1', '13900000015'));
    expect(first).toMatchObject({ outcome: 'confirmed', response: { messageNo: 'S-1' } });
    expect(await sent(vendor, 'sent', 'S-1')).toBe(1);
    await vendor.call('notify.sendSms', message('S-1', '13900000015'));
    expect(await sent(vendor, 'sent', 'S-1')).toBe(2);
  });

  test.each([
    ['0001', 'refused', 'SYSTEM_REFUSED', 'FailedOperation.PhoneNumberInBlacklist'],
    ['0002', 'later', 'SYSTEM_BUSY', 'LimitExceeded.PhoneNumberThirtySecondLimit'],
    ['0003', 'refused', 'SYSTEM_REFUSED', 'LimitExceeded.PhoneNumberDailyLimit'],
    ['0004', 'unknown', 'OUTCOME_UNKNOWN', 'InternalError.Timeout'],
  ])('to a telephone that ends in %s it is %s', async (ending, outcome, code, externalCode) => {
    const told = await vendor.call('notify.sendSms', message(`S-2-${ending}`, `1390000${ending}`));
    expect(told).toMatchObject({ outcome, code, externalCode });
  });

  test('what the operator could not deliver is a fact too', async () => {
    await vendor.call('notify.sendSms', message('S-3', '13900010000'));
    await vendor.control('POST', 'acts/report', { session: 'S-3' });
    expect(await vendor.fact('notify.smsDelivered')).toMatchObject({ key: 'S-3', message: { status: 'failed' } });
  });

  test('a report under the right token that the vendor does not confirm is no fact', async () => {
    const before = vendor.facts.length;
    const body = [{ nationcode: '86', mobile: '13900000015', report_status: 'SUCCESS', sid: '5000:1' }];
    const reply = await fetch(`${vendor.edge}/report?token=${keys.hub['report-token.txt'] ?? ''}`, {
      method: 'POST',
      body: JSON.stringify(body),
    });
    expect(reply.status).toBe(400);
    expect(vendor.exchanges.at(-1)).toMatchObject({ direction: 'in', state: 'refused', code: 'ANSWER_UNVERIFIED' });
    expect(vendor.facts.length).toBe(before);
  });
});

describe('mail', () => {
  let vendor: Bench;
  beforeAll(async () => {
    vendor = await bench(service, notifySmtp, { speed: 1 });
  });
  afterAll(() => vendor.stop());
  const mail = (messageNo: string, to: string) => ({ messageNo, to, subject: '还款提醒', text: '请按时还款。\n.\n完' });

  test('one request is one mail, under a Message-ID of our number, and its text survives a line with a dot', async () => {
    const outcome = await vendor.call('notify.sendMail', mail('M-1', 'finance@dealer.example'));
    expect(outcome).toEqual({ outcome: 'confirmed', response: { messageNo: 'M-1', vendorMessageId: 'Q000000001' } });
    expect(await sent(vendor, 'mailed', 'M-1')).toBe(1);
    const [part] = vendor.exchanges.at(-1)?.parts ?? [];
    const written = part?.request.toString() ?? '';
    expect(written).toContain('Message-ID: <M-1@hub.example>');
    const [, body = ''] = written.split('\r\n\r\n');
    expect(Buffer.from(body, 'base64').toString().replaceAll('\r\n', '\n').trimEnd()).toBe('请按时还款。\n.\n完');
    expect([part?.method, part?.answer?.toString()]).toEqual(['SMTP', '250 2.0.0 Ok: queued as Q000000001']);
  });

  test.each([
    ['nobody', 'refused', 'SYSTEM_REFUSED', '550'],
    ['full', 'later', 'SYSTEM_BUSY', '452'],
    ['spam', 'refused', 'SYSTEM_REFUSED', '554'],
    ['grey', 'later', 'SYSTEM_BUSY', '451'],
    ['late', 'later', 'SYSTEM_BUSY', '421'],
  ])('to %s it is %s', async (name, outcome, code, externalCode) => {
    const told = await vendor.call('notify.sendMail', mail(`M-2-${name}`, `${name}@dealer.example`));
    expect(told).toMatchObject({ outcome, code, externalCode });
    expect(await sent(vendor, 'mailed', `M-2-${name}`)).toBe(0);
  });

  test('who was greylisted is let through when he comes again', async () => {
    await vendor.call('notify.sendMail', mail('M-3', 'grey@other.example'));
    expect(await vendor.call('notify.sendMail', mail('M-3', 'grey@other.example'))).toMatchObject({
      outcome: 'confirmed',
    });
    expect(await sent(vendor, 'mailed', 'M-3')).toBe(1);
  });
});

describe('a group', () => {
  let vendor: Bench;
  beforeAll(async () => {
    vendor = await bench(service, notifyWecom, { speed: 1 });
  });
  afterAll(() => vendor.stop());
  const message = (messageNo: string, text = '质押率预警') => ({ messageNo, text });

  test('no record of an exchange shows the key of the robot', async () => {
    await vendor.call('notify.postGroup', message('G-1'));
    const { hub } = { hub: vendor.exchanges.at(-1) };
    expect(hub?.parts[0]?.path).toBe('/cgi-bin/webhook/send?key=***');
  });

  test.each([
    ['[stopped]', 'refused', '93004'],
    ['[gone]', 'refused', '93000'],
    ['[busy]', 'later', '-1'],
  ])('%s is %s', async (word, outcome, externalCode) => {
    expect(await vendor.call('notify.postGroup', message('G-2', word))).toMatchObject({ outcome, externalCode });
  });

  test('the twenty-first within a minute is told to come back later, and then gets through', async () => {
    const outcomes = [];
    for (let i = 0; i < 21; i += 1) outcomes.push(await vendor.call('notify.postGroup', message(`G-3-${i}`)));
    expect(outcomes.at(-1)).toMatchObject({ outcome: 'later', code: 'SYSTEM_BUSY', externalCode: '45009' });
    vendor.clock.set({ advanceMs: 61_000 });
    expect(await vendor.call('notify.postGroup', message('G-4'))).toMatchObject({ outcome: 'confirmed' });
  });
});
