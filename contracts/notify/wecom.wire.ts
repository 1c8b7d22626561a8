/**
 * A group robot of 企业微信 (WeCom): one address with a key in it, and one message in markdown.
 *
 * Known, from the vendor's pages on group robots (群机器人, path/91770) and its global return codes (path/90455): the address,
 * both messages, at most 4096 bytes of UTF-8 and 20 messages a minute and robot. Nothing is signed, nothing has a number, and
 * nothing can be asked afterwards. Chosen: our number as the last line.
 */
import { Type } from 'typebox';
import { contract, strict } from '../contract.ts';

export const WecomMessage = contract(
  'notify/wecom/message',
  strict({
    msgtype: Type.Literal('markdown'),
    markdown: strict({ content: Type.String({ minLength: 1, maxLength: 4_096 }) }),
  }),
);

/** More fields than these two may come. */
export const WecomAnswer = contract(
  'notify/wecom/answer',
  Type.Object({ errcode: Type.Integer(), errmsg: Type.Optional(Type.String({ maxLength: 1_000 })) }),
);

/** The answer names nothing of its message: whose it is is known from the connection alone. */
export const WecomAnswered = contract(
  'notify/wecom/answered',
  strict({ messageNo: Type.String({ maxLength: 64 }), answer: WecomAnswer.schema }),
);
