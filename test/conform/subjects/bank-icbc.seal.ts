/** How ICBC signs and seals, for whoever forges it: answers, notifications, and answers that say something else. */
import { notification } from '../../../sandbox/bank/icbcPeople.ts';
import { aesOpen, aesSeal, framed, identity, rsaSign } from '../../../sandbox/bank/icbcSeal.ts';
import { flipped, otherDigit } from '../sealing.ts';
import type { Answer, AnswerSeal, Asked, NoticeSeal, Posted, TwinKeys } from '../subject.ts';

const gatewayKey = (keys: TwinKeys) => keys['gateway-private.pem'] ?? '';
export const aesKey = (keys: TwinKeys) => keys['aes.txt'] ?? '';
const quoted = (sealed: string) => JSON.stringify(sealed);

/** Content and signature of an answer that has them. */
export function partsOf(body: Buffer): { content: string; signature: string } | undefined {
  const match = /^\{"response_biz_content":(.*),"sign":"([^"]*)"\}$/s.exec(body.toString('latin1'));
  return match ? { content: match[1] ?? '', signature: match[2] ?? '' } : undefined;
}

/** What is no answer yet becomes the content of one, sealed. */
function sign(answer: Answer, _asked: Asked, keys: TwinKeys): Answer {
  const content = partsOf(answer.body)?.content ?? quoted(aesSeal(answer.body, aesKey(keys)));
  return { ...answer, body: Buffer.from(framed(content, gatewayKey(keys)).body) };
}

const composed = (answer: Answer, content: string, signature: string): Answer => ({
  ...answer,
  body: Buffer.from(`{"response_biz_content":${content},"sign":"${signature}"}`, 'latin1'),
});

/** The bank's own answer with something else in it, under its own signature. */
export const saying =
  (edit: (code: string, said: Record<string, unknown>) => object) =>
  (code: string, genuine: Answer, asked: Asked, keys: TwinKeys): Answer => {
    const sealed = JSON.parse(partsOf(genuine.body)?.content ?? '') as string;
    const said = JSON.parse(aesOpen(sealed, aesKey(keys))?.toString() ?? '') as Record<string, unknown>;
    return sign({ ...genuine, body: Buffer.from(JSON.stringify(edit(code, said))) }, asked, keys);
  };
export const field = (name: string) => saying((code, said) => ({ ...said, [name]: code }));
export const inFirstLine = (name: string) =>
  saying((code, said) => {
    const [first, ...others] = said['details'] as object[];
    return { ...said, details: [{ ...first, [name]: code }, ...others] };
  });

export const formOf = (body: Buffer) => Object.fromEntries(new URLSearchParams(body.toString('latin1')));
export const formed = (posted: Posted, fields: Record<string, string>): Posted => ({
  ...posted,
  body: Buffer.from(new URLSearchParams(fields).toString()),
});

/** A whole form is signed anew; half a form, two, or one with something behind it stays what it is; the rest is content. */
function signNotice(posted: Posted, how: { body?: Buffer; keys: TwinKeys; ageMs?: number }): Posted {
  const body = how.body ?? posted.body;
  const text = body.toString('latin1');
  const fields = formOf(body);
  const whole = new URLSearchParams(fields).toString() === text;
  if (text.includes('biz_content=') && !(whole && fields['sign'])) return { ...posted, body };
  const { api = '', biz_content = '' } = whole && fields['sign'] ? fields : formOf(posted.body);
  const content = whole && fields['sign'] ? biz_content : aesSeal(body, aesKey(how.keys));
  const signed = notification(
    { api, content, sealed: true },
    identity.notifyUrl,
    (each) => rsaSign(each, gatewayKey(how.keys)),
    Date.now() - (how.ageMs ?? 0),
  );
  return formed(posted, signed);
}

export const answerSeal: AnswerSeal = {
  sign,
  flip: (answer) => {
    const { content, signature } = partsOf(answer.body) ?? { content: '', signature: '' };
    return composed(answer, content, flipped(signature));
  },
  strip: (answer) => ({
    ...answer,
    body: Buffer.from(`{"response_biz_content":${partsOf(answer.body)?.content ?? ''}}`),
  }),
  alter: (answer) => {
    const { content, signature } = partsOf(answer.body) ?? { content: '', signature: '' };
    return composed(answer, otherDigit(Buffer.from(content)).toString(), signature);
  },
  borrow: (answer, earlier) =>
    composed(answer, partsOf(answer.body)?.content ?? '', partsOf(earlier.body)?.signature ?? ''),
};

export const noticeSeal: NoticeSeal = {
  sign: signNotice,
  flip: (posted) => {
    const fields = formOf(posted.body);
    return formed(posted, { ...fields, sign: flipped(fields['sign'] ?? '') });
  },
  strip: (posted) => {
    const { sign: _, ...fields } = formOf(posted.body);
    return formed(posted, fields);
  },
  alter: (posted) => {
    const fields = formOf(posted.body);
    return formed(posted, { ...fields, timestamp: otherDigit(Buffer.from(fields['timestamp'] ?? '')).toString() });
  },
  windowMs: 10 * 60_000,
};

export const refusal =
  (sealed: boolean) =>
  (code: string, genuine: Answer, asked: Asked, keys: TwinKeys): Answer => {
    const said = { return_code: sealed ? code : Number(code), return_msg: 'no', msg_id: formOf(asked.body)['msg_id'] };
    const content = JSON.stringify(said);
    const shown = sealed ? quoted(aesSeal(content, aesKey(keys))) : content;
    return { ...genuine, body: Buffer.from(framed(shown, gatewayKey(keys)).body) };
  };
