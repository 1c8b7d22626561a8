/** One request to FASC and its answer, and the access token that stands before every one. */
import { FascAnswer, FascToken } from '../../../contracts/esign/fasc.wire.ts';
import { Failure, isFailure } from '../../../contracts/failures.ts';
import { failureOf, tokenLapsedCode } from '../../../mappings/esign/fasc.ts';
import type { System } from '../../adapter.ts';
import type { Wire } from '../../wire.ts';
import { answered, beforeStart, jsonOf, setting } from '../steps.ts';
import { fascHeaders } from './fascSignature.ts';

const basePath = '/api/v5';
/** A token is given up so long before its end: a request may be on its way for a while. */
const tokenMarginMs = 300_000;

interface Token {
  readonly text: string;
  readonly untilMs: number;
}

/**
 * By the system as it was configured, in this process. Several processes have a token each, and the vendor gives all the
 * same one until it lapses: nothing need be shared.
 */
const tokens = new WeakMap<System, Token>();

/** Sends, and returns `data` of an answer that says success. A lapsed token is fetched anew, once. @throws Failure */
export async function call(wire: Wire, path: string, message: unknown, how = { mayRepeat: true }): Promise<unknown> {
  const bizContent = JSON.stringify(message);
  const first = await tokenOf(wire);
  try {
    return await post(wire, path, { 'X-FASC-AccessToken': first.text }, bizContent);
  } catch (thrown) {
    if (!isFailure(thrown) || thrown.externalCode !== tokenLapsedCode) throw thrown;
    if (tokens.get(wire.system) === first) tokens.delete(wire.system);
    // The answer that says so is not signed: what does something to the world is left to the next attempt.
    if (!how.mayRepeat) throw thrown;
  }
  const second = await tokenOf(wire);
  return post(wire, path, { 'X-FASC-AccessToken': second.text }, bizContent);
}

async function tokenOf(wire: Wire): Promise<Token> {
  const known = tokens.get(wire.system);
  if (known && Date.now() < known.untilMs) return known; // Real time, as its life is the vendor's.
  return beforeStart(async () => {
    const askedMs = Date.now();
    const data = await post(wire, '/service/get-access-token', { 'X-FASC-Grant-Type': 'client_credential' }, '');
    const { accessToken, expiresIn } = answered(FascToken, data);
    const token = { text: accessToken, untilMs: askedMs + Number(expiresIn) * 1000 - tokenMarginMs };
    tokens.set(wire.system, token);
    return token;
  });
}

async function post(wire: Wire, path: string, own: Record<string, string>, bizContent: string): Promise<unknown> {
  const headers = fascHeaders(setting(wire, 'appId'), wire.keys.secret('appSecret'), own, bizContent);
  const body = Buffer.from(bizContent === '' ? '' : new URLSearchParams({ bizContent }).toString());
  const answer = await wire.send({ method: 'POST', path: basePath + path, headers, body });
  const { code, msg, data } = answered(FascAnswer, jsonOf(answer));
  if (code !== '100000') throw failureOf(code, msg);
  if (answer.status !== 200) throw new Failure('ANSWER_UNVERIFIED', { detail: `success with HTTP ${answer.status}` });
  return data;
}
