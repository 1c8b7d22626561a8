/** Messages to a group of 企业微信 (群机器人): markdown there, a return code back. */
import { Failure, type FailureCode } from '../../contracts/failures.ts';
import { mapping } from '../../contracts/mapping.ts';
import { GroupMessage, MessageSent } from '../../contracts/notify/notify.ts';
import { WecomAnswered, WecomMessage } from '../../contracts/notify/wecom.wire.ts';
import { codeTable } from '../codes/codeTable.ts';
import { withoutNumbersOfPeople } from './templates.ts';

export const wecomCodes = codeTable(
  'notify.wecom.errcode',
  '企业微信 global return codes (path/90455), those of group robots',
  {
    0: 'sent',
    '-1': 'SYSTEM_BUSY',
    6000: 'SYSTEM_BUSY',
    40008: 'SYSTEM_REFUSED', // msgtype
    40033: 'SYSTEM_REFUSED', // characters
    40035: 'SYSTEM_REFUSED',
    40058: 'SYSTEM_REFUSED',
    44004: 'SYSTEM_REFUSED', // empty
    45002: 'SYSTEM_REFUSED', // too long
    45009: 'SYSTEM_BUSY', // More than 20 in a minute: not taken.
    45033: 'SYSTEM_BUSY', // Too many at once.
    48002: 'SYSTEM_REFUSED',
    60020: 'SYSTEM_REFUSED', // From an address that may not.
    93000: 'SYSTEM_REFUSED', // The key is wrong, or the robot is gone from the group.
    93004: 'SYSTEM_REFUSED', // The robot is stopped.
    93008: 'SYSTEM_REFUSED', // It is not in the group.
  } satisfies Record<string, FailureCode | 'sent'>,
);

const contentBytesMax = 4_096;

export const wecomMessageOf = mapping('notify.wecom.message', GroupMessage, WecomMessage, ({ messageNo, text }) => {
  const content = `${withoutNumbersOfPeople(text, '#/text')}\n<font color="comment">${messageNo}</font>`;
  const bytes = Buffer.byteLength(content);
  if (bytes > contentBytesMax) {
    const detail = `${bytes} bytes with our number behind it, at most ${contentBytesMax}`;
    throw new Failure('CONTRACT_VIOLATED', { detail, errors: [{ pointer: '#/text', code: 'maxBytes', detail }] });
  }
  return { msgtype: 'markdown' as const, markdown: { content } };
});

/** @throws Failure as `wecomCodes` says; EXT_CODE_UNMAPPED (unknown) for any other code */
export const wecomSentOf = mapping(
  'notify.wecom.sent',
  WecomAnswered,
  MessageSent,
  ({ messageNo, answer }) => {
    const found = wecomCodes.find(answer.errcode) ?? 'EXT_CODE_UNMAPPED';
    if (found === 'sent') return { messageNo };
    throw new Failure(found, {
      detail: `${answer.errcode} ${(answer.errmsg ?? '').slice(0, shownChars).replaceAll(/\p{Cc}/gu, ' ')}`,
      externalCode: String(answer.errcode),
    });
  },
  { drops: { '/answer/errmsg': 'words beside the code; shown when a message is not taken' } },
);

const shownChars = 200;
