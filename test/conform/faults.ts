/** Every way in which an answer can go wrong, as data. Each is played on each request of each operation. */
import type { Fault } from './fault.ts';
import { forgedFaults } from './forgedFaults.ts';
import { genuineFaults } from './genuineFaults.ts';
import { lostFaults } from './lostFaults.ts';
import { sealedFaults } from './sealedFaults.ts';

/** Nothing can have been sent. */
const roads: readonly Fault[] = [
  { name: 'connection-refused', class: 'unsent', road: 'refused' },
  { name: 'certificate-expired', class: 'unsent', road: 'expired' },
  { name: 'certificate-not-yet-valid', class: 'unsent', road: 'not-yet-valid' },
  { name: 'certificate-of-another-host', class: 'unsent', road: 'wrong-host' },
  { name: 'certificate-self-signed', class: 'unsent', road: 'self-signed' },
  { name: 'tls-to-plain-text', class: 'unsent', road: 'plain-text' },
  { name: 'tls-reset-in-handshake', class: 'unsent', road: 'resetting' },
  { name: 'tls-silence-in-handshake', class: 'unsent', road: 'silent', endless: true },
];

export const faults: readonly Fault[] = [...roads, ...lostFaults, ...forgedFaults, ...sealedFaults, ...genuineFaults];
