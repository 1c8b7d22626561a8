/** Time-stamps (时间戳) by RFC 3161: no secret is shared, and the token alone proves what it says. */
import { createHash, X509Certificate } from 'node:crypto';
import { tsaDialect } from '../../../adapters/evidence/dialects/tsa.ts';
import { verifyToken } from '../../../adapters/evidence/dialects/tsaToken.ts';
import type { Wire } from '../../../adapters/wire.ts';
import { evidence } from '../../../contracts/evidence/evidence.ts';
import { evidenceTsa } from '../../../sandbox/evidence/tsa.twin.ts';
import {
  again,
  authorityKeys,
  derAt,
  derWithin,
  reply,
  sequence,
  tokenOver,
} from '../../../sandbox/evidence/tsaPaper.ts';
import { changed, followsRedirects, forgetsDeadline, sending, unknownIsRefused } from '../plants.ts';
import { type Answer, type Asked, subject as subjectOf, type TwinKeys } from '../subject.ts';
import { sixDigits } from '../telling.ts';

const request = (turn: number) => {
  const anchorNo = sixDigits('EV', turn);
  return { anchorNo, headSha256: createHash('sha256').update(anchorNo).digest('hex') };
};

/** TSTInfo of a whole reply; bytes that are no reply are themselves what shall be signed. */
function contentIn(body: Buffer): Buffer {
  try {
    const [, token] = derWithin(derAt(body, 0).body);
    const data = derWithin(derAt(derWithin(token?.body ?? body)[1]?.body ?? body, 0).body);
    return derAt(derWithin(data[2]?.body ?? body)[1]?.body ?? body, 0).body;
  } catch {
    return body;
  }
}

function sign(answer: Answer, _asked: Asked, keys: TwinKeys): Answer {
  const signer = { key: keys['tsa-key.pem'] ?? '', certificate: keys['tsa-certificate.pem'] ?? '' };
  return { ...answer, body: reply(0, tokenOver(contentIn(answer.body), signer, Date.now())) };
}

/** Its last byte is one of the signature. */
function flip(answer: Answer): Answer {
  const body = Buffer.from(answer.body);
  body[body.length - 1] = (body.at(-1) ?? 0) ^ 1;
  return { ...answer, body };
}

/** The seconds of its time are others. */
function alter(answer: Answer): Answer {
  const text = answer.body.toString('latin1').replace(/(\d{13})\d(?=[.\d]*Z)/, (_, most: string) => `${most}x`);
  return { ...answer, body: Buffer.from(text.replace(/(\d{13})x/, '$17'), 'latin1') };
}

const saying =
  (status: (code: number) => Buffer) =>
  (code: string, genuine: Answer): Answer => {
    const [, token] = derWithin(derAt(genuine.body, 0).body);
    const said = status(Number(code));
    const head = derWithin(derAt(said, 0).body)[0];
    if (!token || !head || Number(code) > 1) return { ...genuine, body: said };
    return { ...genuine, body: reply(Number(code), again(token)) };
  };

export const subject = subjectOf({
  kind: evidence,
  vendor: 'tsa',
  dialect: tsaDialect,
  twin: evidenceTsa,
  answerSeal: {
    sign,
    flip,
    strip: (answer) => ({ ...answer, body: reply(0) }),
    alter,
    borrow: (_answer, earlier) => earlier,
  },
  operations: {
    stamp: { ready: async () => (turn: number) => request(turn % 2), volatile: ['token', 'serialNo', 'genTime'] },
  },
  notices: {},
  tables: {
    'evidence.tsa.status': {
      by: 'answer',
      operation: 'stamp',
      give: saying((status) => reply(status)),
      wrong: (outcome, row) =>
        row === 'granted'
          ? outcome.outcome === 'confirmed'
            ? undefined
            : 'a token that is granted was not taken'
          : outcome.outcome !== 'confirmed' && outcome.code === row
            ? undefined
            : `is not ${String(row)}`,
      unmapped: '6',
    },
    'evidence.tsa.failure': {
      by: 'answer',
      operation: 'stamp',
      give: (code, genuine) => ({ ...genuine, body: reply(2, undefined, Number(code)) }),
      unmapped: '9',
    },
  },
  limits: [],
  bugs: {
    'believes-any-token': {
      what: 'reads a token and does not look who signed it',
      plant: (dialect) => changed(dialect, { wire: believing((content) => content) }),
    },
    'forgets-nonce': {
      what: 'takes a token that was made for another request',
      plant: (dialect) =>
        changed(dialect, {
          wire: believing((content, asked, genuine) => (genuine ? answering(content, asked) : undefined)),
        }),
    },
    'follows-redirects': followsRedirects,
    'forgets-deadline': forgetsDeadline,
    'unknown-is-refused': unknownIsRefused,
  },
});

/**
 * A dialect that believes too much: what it reads is signed by an authority of its own, which it trusts. `content` gives
 * what is signed, or nothing where the answer is left as it is.
 */
function believing(content: (content: Buffer, asked: Buffer, genuine: boolean) => Buffer | undefined) {
  const own = authorityKeys();
  return (wire: Wire): Wire => {
    const road = sending((send) => async (request) => {
      const answer = await send(request);
      const token = tokenIn(answer.body);
      if (!token) return answer;
      const genuine = isGenuine(token, wire.keys.secret('tsa-ca'));
      const believed = content(contentIn(answer.body), request.body ?? Buffer.alloc(0), genuine);
      if (believed === undefined) return answer;
      return { ...answer, body: reply(0, tokenOver(believed, own, Date.now())) };
    })(wire);
    return Object.defineProperty(road, 'keys', { value: { ...wire.keys, secret: () => own.root } });
  };
}

/** Of an answer that is one reply with a token in it. */
function tokenIn(body: Buffer): Buffer | undefined {
  try {
    const whole = derAt(body, 0);
    const [, token] = derWithin(whole.body);
    return whole.next === body.length && token ? again(token) : undefined;
  } catch {
    return undefined;
  }
}

function isGenuine(token: Buffer, root: string): boolean {
  try {
    verifyToken(token, [new X509Certificate(root)]);
    return true;
  } catch {
    return false;
  }
}

/** The same TSTInfo with digest and nonce of this request. */
function answering(content: Buffer, asked: Buffer): Buffer {
  const [, imprint, , nonce] = derWithin(derAt(asked, 0).body);
  const parts = derWithin(derAt(content, 0).body).map((part, at) =>
    at === 2 && imprint ? again(imprint) : at > 4 && part.tag === 0x02 && nonce ? again(nonce) : again(part),
  );
  return sequence(...parts);
}
