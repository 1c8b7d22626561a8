/** The mail server's own door: its certificate, and what it says to those who do not ask for TLS. */
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { Clock } from '../clock.ts';
import { startTwin } from '../twin.ts';
import { mailCertificate } from './mailCertificate.ts';
import { notifySmtp } from './smtp.twin.ts';

test('the certificate is for the address on which it listens, and for no other', () => {
  const certificate = new X509Certificate(mailCertificate().certificate);
  expect(certificate.checkIP('127.0.0.1')).toBe('127.0.0.1');
  expect(certificate.checkHost('localhost')).toBe('localhost');
  expect(certificate.checkHost('mail.example')).toBeUndefined();
  expect(certificate.verify(certificate.publicKey)).toBe(true);
});

test('in the clear nobody may log in, and nobody may send', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'lianshu-mail-'));
  const clock = new Clock({ realMs: Date.now(), businessMs: Date.now(), speed: 1 });
  const place = { folder, port: 0, hubUrl: 'http://127.0.0.1:1', clock, keys: notifySmtp.enrol().twin };
  const running = await startTwin(notifySmtp, place);
  try {
    const said = await dialogue(Number(new URL(running.url).port), [
      'EHLO stranger',
      'AUTH PLAIN AGEAYg==',
      'MAIL FROM:<lianshu@hub.example>',
      'QUIT',
    ]);
    expect(said).toMatch(/^250[ -]STARTTLS/m);
    expect(said.match(/^5\d\d/gm)).toHaveLength(2);
  } finally {
    await running.stop();
    rmSync(folder, { recursive: true, force: true });
  }
});

function dialogue(port: number, lines: readonly string[]): Promise<string> {
  return new Promise((done, fail) => {
    const socket = connect(port, '127.0.0.1');
    const left = [...lines];
    let said = '';
    socket.on('data', (chunk) => {
      said += chunk.toString();
      if (/^\d{3} .*\r\n$/m.test(chunk.toString())) socket.write(`${left.shift() ?? ''}\r\n`);
    });
    socket.on('error', fail);
    socket.on('close', () => done(said));
  });
}
