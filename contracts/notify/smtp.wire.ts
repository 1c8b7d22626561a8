/**
 * Mail over SMTP (RFC 5321) with STARTTLS (RFC 3207) or TLS from the start, and AUTH (RFC 4954). All of it is known; a reply
 * code has one meaning per class, and the rows of `notify.smtp.reply` are those that the RFCs name.
 */
import { Type } from 'typebox';
import { contract, strict } from '../contract.ts';

/** What a message is made of; the dialect adds the sender and composes the bytes (RFC 5322, MIME). */
export const SmtpMail = contract(
  'notify/smtp/mail',
  strict({
    /** Left of the @ of the Message-ID: whoever gets the message twice keeps one. */
    id: Type.String({ pattern: '^[0-9A-Za-z][0-9A-Za-z_.-]{0,63}$', maxLength: 64 }),
    to: Type.String({ maxLength: 200, pattern: '^[\\x21-\\x7e]+$', 'x-pii': 'address' }),
    subject: Type.String({ minLength: 1, maxLength: 120, pattern: '^\\P{Cc}+$' }),
    text: Type.String({ minLength: 1, maxLength: 4_000 }),
  }),
);

/** The reply that ended the dialogue: to the message itself, or to whatever was refused before it. */
export const SmtpReplied = contract(
  'notify/smtp/replied',
  strict({
    id: Type.String({ maxLength: 64 }),
    code: Type.String({ pattern: '^[2-5]\\d\\d$', maxLength: 3 }),
    text: Type.String({ maxLength: 1_000 }),
  }),
);
