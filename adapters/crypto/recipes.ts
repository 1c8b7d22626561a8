/**
 * Every signature recipe that is a hash, an HMAC or RSA PKCS#1 v1.5 over a text laid together. Weak ones (MD5, SHA-1) are
 * the counterparties' own; nothing else of the hub uses them. Tokens (JWS) are in `jose.ts`, SM2 in `gm.ts`.
 */
import type { KeyObject } from 'node:crypto';
import { isSignedBy, type Part, type Recipe, signatureBy } from './recipe.ts';

const field = <F extends string>(name: F) => ({ field: name }) as const;
const text = (of: string) => ({ text: of }) as const;
const sha256Of = <P extends Part>(part: P) => ({ digest: 'sha256', as: 'hex', of: [part] }) as const;

const hmacLines = { algorithm: 'hmac-sha256', keyEncoding: 'utf8', between: '\n', output: 'hex' } as const;
const md5 = { algorithm: 'md5', keyEncoding: 'utf8' } as const;
const bodyHash = sha256Of(field('body'));
const exchange = [field('method'), field('path'), field('timestamp'), field('nonce'), bodyHash] as const;

export const recipes = {
  /** 奇门: names and values joined without separators, so two queries can spell one text; see the dialect. */
  qimen: {
    ...md5,
    parts: [
      'secret',
      { parameters: { show: 'namevalue', between: '', without: ['sign'], blank: 'kept' } },
      field('body'),
      'secret',
    ],
    output: 'HEX',
    anyCase: true,
  },
  /** 富勒 FLUX: base64 of the hex text, percent-encoded before it goes into the form. */
  flux: { ...md5, parts: ['secret', field('data'), 'secret'], output: 'percentBase64OfHex' },

  /** e签宝: no Date, which leaves its line empty, and no further headers, which leaves out their line. */
  tsignRequest: {
    ...hmacLines,
    parts: [field('method'), field('accept'), field('contentMd5'), field('contentType'), text(''), field('path')],
    output: 'base64',
  },
  /** The values of the query in the order of their names, then the raw body. */
  tsignCallback: {
    ...hmacLines,
    parts: [
      field('timestamp'),
      { parameters: { show: 'value', between: '', without: [], blank: 'kept' } },
      field('body'),
    ],
    between: '',
  },
  /** 法大大 FASC 5, requests and callbacks: in two stages, under a key that the timestamp makes. */
  fasc: {
    ...hmacLines,
    keyFrom: [field('timestamp')],
    parts: [sha256Of({ parameters: { show: 'name=value', between: '&', without: ['X-FASC-Sign'], blank: 'dropped' } })],
  },
  /** 契约锁: the body is not covered. */
  qiyuesuo: { ...md5, parts: [field('token'), 'secret', field('timestamp'), field('nonce')], output: 'hex' },
  qiyuesuoCallback: { ...md5, parts: [field('timestamp'), 'secret'], output: 'hex' },

  /** 工商银行: `path?k1=v1&…`, values as they are before they are encoded. */
  icbc: {
    algorithm: 'rsa-sha256',
    keyEncoding: 'key',
    parts: [
      field('path'),
      text('?'),
      { parameters: { show: 'name=value', between: '&', without: ['sign'], blank: 'dropped' } },
    ],
    output: 'base64',
  },
  /** 中金支付: the trimmed XML, not the base64 in which it travels. */
  cpcn: { algorithm: 'rsa-sha1', keyEncoding: 'key', parts: [field('xml')], output: 'HEX', anyCase: true },
  /** 蚂蚁链 open gateway. */
  antchain: {
    algorithm: 'hmac-sha1',
    keyEncoding: 'utf8',
    parts: [{ parameters: { show: 'name=value', between: '&', without: ['sign'], blank: 'kept', percent: true } }],
    output: 'base64',
  },
  /** 企业微信 callbacks: the token is one of the four that are sorted. */
  wecom: {
    algorithm: 'sha1',
    keyEncoding: 'utf8',
    parts: [{ sorted: ['secret', field('timestamp'), field('nonce'), field('encrypted')] }],
    output: 'hex',
  },

  /** Four-factor verification, the hub's own port for it. An answer is bound to its request by the nonce. */
  idvRequest: { ...hmacLines, parts: exchange },
  idvAnswer: { ...hmacLines, parts: [text('ANSWER'), field('nonce'), field('status'), bodyHash] },
  /** The registry provider port: each kind of message begins with a word of its own, and none can pass for another. */
  registryRequest: { ...hmacLines, parts: [text('REQUEST'), ...exchange] },
  registryAnswer: { ...hmacLines, parts: [text('ANSWER'), field('status'), ...exchange] },
  registryNotice: { ...hmacLines, parts: [text('NOTICE'), ...exchange] },
  /** WS-Security UsernameToken 1.1 (PasswordDigest): who sends, and when; nothing of what is sent. */
  wsUsernameToken: {
    algorithm: 'sha1',
    keyEncoding: 'utf8',
    parts: [field('nonce'), field('created'), 'secret'],
    output: 'base64',
  },
  /** Invoice checks: the same three kinds of message, told apart in the same way. */
  vatRequest: { ...hmacLines, parts: [text('VAT-REQUEST'), ...exchange] },
  vatAnswer: { ...hmacLines, parts: [text('VAT-ANSWER'), field('status'), ...exchange] },
  vatNotice: { ...hmacLines, parts: [text('VAT-NOTICE'), ...exchange] },
  /** The price service: the path is in it, so that no quote of another material can be put in its place. */
  quotes: { ...hmacLines, parts: [field('timestamp'), field('path'), field('body')] },
} as const satisfies Record<string, Recipe>;

type Recipes = typeof recipes;
type RecipeName = keyof Recipes;

type FieldsIn<P> = P extends { field: infer F extends string }
  ? F
  : P extends { of: readonly (infer Q)[] } | { sorted: readonly (infer Q)[] }
    ? FieldsIn<Q>
    : never;
type TakesParameters<P> = P extends { parameters: unknown }
  ? true
  : P extends { of: readonly (infer Q)[] }
    ? TakesParameters<Q>
    : never;
type PartsOf<R extends Recipe> = R['parts'][number] | (R extends { keyFrom: readonly (infer P)[] } ? P : never);

/** What a dialect must give for a recipe: its fields, and its parameters if it has any. */
type GivenFor<R extends Recipe> = Readonly<Record<FieldsIn<PartsOf<R>>, string | Uint8Array>> &
  (true extends TakesParameters<PartsOf<R>> ? { readonly parameters: Readonly<Record<string, string>> } : unknown);
type KeyFor<R extends Recipe> = R['keyEncoding'] extends 'key' ? KeyObject : string;

/** The signature as it travels. */
export function signed<N extends RecipeName>(name: N, key: KeyFor<Recipes[N]>, given: GivenFor<Recipes[N]>): string {
  return signatureBy(recipes[name], key, given);
}

/** In constant time. False for anything that is no signature. */
export function isSigned<N extends RecipeName>(
  name: N,
  key: KeyFor<Recipes[N]>,
  given: GivenFor<Recipes[N]>,
  shown: string,
): boolean {
  return isSignedBy(recipes[name], key, given, shown);
}
