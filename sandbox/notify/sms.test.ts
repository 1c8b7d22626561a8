/** The vendor's address for reports is what its customer entered, no more. The signature: sandbox/identity/faceid.test.ts. */
import { expect, test } from '@jest/globals';
import { notifySms, reportPath } from './sms.twin.ts';

test('reports go to the address with the token', () => {
  expect(reportPath('t0ken')).toBe('/report?token=t0ken');
});

test('every template that the customer registered is one of his settings', () => {
  const ids = Object.entries(notifySms.settings).filter(([name]) => name.startsWith('template.'));
  expect(ids.length).toBeGreaterThan(0);
  expect(new Set(ids.map(([, id]) => id)).size).toBe(ids.length);
});

test('both sides share their secrets, and no two customers do', () => {
  const [one, other] = [notifySms.enrol(), notifySms.enrol()];
  expect(one.hub).toEqual(one.twin);
  expect(one.hub['report-token.txt']).not.toBe(other.hub['report-token.txt']);
});
