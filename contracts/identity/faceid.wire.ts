/**
 * Tencent Cloud face verification (腾讯云慧眼人脸核身), API 3.0, service `faceid`, version 2018-03-01.
 *
 * Known, from the vendor's pages on DetectAuth (1007/31816), GetDetectInfoEnhanced (1007/41957), DetectDetail (1007/41958), result
 * codes (213/32309, 1007/31082) and the signature (TC3-HMAC-SHA256): names and types of all fields below, what is charged,
 * that a token is good for 7200 s and its result for three days, that answers are not signed (TLS alone proves them), and
 * that nothing calls back: the browser is redirected, and the server asks.
 * Chosen: what stands in `Extra`; that `LimitExceeded` is the answer to one person's sixth try within 24 hours; that `IdCard`
 * and `Name` are in the answer whenever the check was passed.
 *
 * Messages hold more fields than are looked at, so those of answers are open.
 */
import { Type } from 'typebox';
import { IdNo, Instant, PersonName, Sha256Hex, ShortText } from '../canonical/primitives.ts';
import { contract, strict } from '../contract.ts';

const Token = Type.String({ pattern: '^[0-9A-Za-z-]{8,64}$', maxLength: 64, 'x-pii': 'secret' });
/** Our number, and a digest of the person whom we meant. */
const Extra = Type.String({ pattern: '^\\P{Cc}{1,64} [0-9a-f]{64}$', maxLength: 129 });

/** Of `DetectAuth`; the dialect adds `RuleId`. */
export const FaceidStart = contract(
  'identity/faceid/start',
  strict({
    IdCard: IdNo,
    Name: PersonName,
    RedirectUrl: Type.String({ maxLength: 1_024 }),
    Extra,
  }),
);

export const FaceidStarted = contract(
  'identity/faceid/started',
  Type.Object({ Url: Type.String({ maxLength: 1_008, 'x-pii': 'secret' }), BizToken: Token }),
);

/** What is known of a start besides its answer: whose it is, and when the link ends (business time). */
export const FaceidStartedNow = contract(
  'identity/faceid/started-now',
  strict({ requestNo: ShortText, expiresAt: Instant, answer: FaceidStarted.schema }),
);

/** Of `GetDetectInfoEnhanced`; the dialect adds `RuleId`. `InfoType` 1 is the text, 3 the best picture. */
export const FaceidRead = contract('identity/faceid/read', strict({ BizToken: Token, InfoType: Type.Literal('13') }));

/** One try. */
const Detail = Type.Object({
  /** Milliseconds since 1970. */
  ReqTime: Type.String({ pattern: '^\\d{13}$', maxLength: 13 }),
  Seq: Type.String({ minLength: 1, maxLength: 64, pattern: '^\\P{Cc}+$' }),
  IsNeedCharge: Type.Optional(Type.Boolean()),
});

/** The answer without its pictures, of which the dialect leaves a digest. Fields that are null are not there. */
export const FaceidFound = contract(
  'identity/faceid/found',
  Type.Object({
    Text: Type.Optional(
      Type.Object({
        ErrCode: Type.Optional(Type.Integer()),
        ErrMsg: Type.Optional(Type.String({ maxLength: 500 })),
        IdCard: Type.Optional(IdNo),
        Name: Type.Optional(PersonName),
        /** Out of a hundred. */
        Sim: Type.Optional(Type.String({ maxLength: 8 })),
        Extra: Type.Optional(Extra),
        LivenessDetail: Type.Optional(Type.Array(Detail, { maxItems: 20 })),
      }),
    ),
    imageSha256: Type.Optional(Sha256Hex),
  }),
);
