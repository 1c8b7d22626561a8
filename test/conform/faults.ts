/** Every way in which an answer can go wrong, as data. Each is played on each request of each operation. */
import type { Fault } from './fault.ts';
import { fileFaults } from './fileFaults.ts';
import { forgedFaults } from './forgedFaults.ts';
import { framedFaults } from './framedFaults.ts';
import { genuineFaults } from './genuineFaults.ts';
import { lostFaults } from './lostFaults.ts';
import { sealedFaults } from './sealedFaults.ts';
import { smtpFaults } from './smtpFaults.ts';

/** Nothing can have been sent. */
const roads: readonly Fault[] = [
  { name: 'connection-refused', class: 'unsent', on: 'any', road: 'refused' },
  { name: 'certificate-expired', class: 'unsent', on: 'any', road: 'expired' },
  { name: 'certificate-not-yet-valid', class: 'unsent', on: 'any', road: 'not-yet-valid' },
  { name: 'certificate-of-another-host', class: 'unsent', on: 'any', road: 'wrong-host' },
  { name: 'certificate-self-signed', class: 'unsent', on: 'any', road: 'self-signed' },
  { name: 'tls-to-plain-text', class: 'unsent', on: 'any', road: 'plain-text' },
  { name: 'tls-reset-in-handshake', class: 'unsent', on: 'any', road: 'resetting' },
  { name: 'tls-silence-in-handshake', class: 'unsent', on: 'any', road: 'silent', endless: true },
];

export const faults: readonly Fault[] = [
  ...roads,
  ...lostFaults,
  ...forgedFaults,
  ...framedFaults,
  ...sealedFaults,
  ...genuineFaults,
  ...fileFaults,
  ...smtpFaults,
];
