/**
 * The `provider` dialect on the wire. The movables registry (中登网) has no public API: whoever can register for others
 * (a licensed provider, or people at its web pages) stands behind this port, which is the hub's own definition. JSON;
 * times are `yyyy-MM-dd HH:mm:ss` in Beijing; `code` "0000" means taken or answered.
 */
import { Type } from 'typebox';
import { CompanyName, Sha256Hex, ShortText, Text, Uscc, Yuan } from '../canonical/primitives.ts';
import { contract, strict } from '../contract.ts';

/** Numbers stand in paths: nothing that a URL parser would read as more than a name (`..`, `/`, `%`). */
const No = Type.String({ pattern: '^[0-9A-Za-z][0-9A-Za-z._-]{0,63}$', maxLength: 64 });
const Code = Type.String({ pattern: '^[0-9]{4}$', maxLength: 4 });
const Word = Type.String({ pattern: '^[A-Z]{1,32}$', maxLength: 32 });
const Message = Type.String({ maxLength: 500 });
const BeijingTime = Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2} \\d{2}:\\d{2}:\\d{2}$', maxLength: 19 });
const AmendCode = Type.String({ minLength: 4, maxLength: 64, 'x-pii': 'secret' });
const Description = Type.String({ minLength: 1, maxLength: 4000 });
const Party = strict({ name: CompanyName, creditCode: Uscc });

/** `POST /v1/search` */
export const ProviderSearch = contract('registry/provider/search', strict({ debtorName: CompanyName }));
export const ProviderSearchAnswer = contract(
  'registry/provider/search-answer',
  strict({
    code: Code,
    message: Message,
    searchNo: Type.Optional(ShortText),
    searchedAt: Type.Optional(BeijingTime),
    hits: Type.Optional(
      Type.Array(
        strict({
          registrationNo: ShortText,
          businessType: Type.String({ maxLength: 16 }),
          securedParty: CompanyName,
          description: Type.String({ maxLength: 4000 }),
          registeredAt: BeijingTime,
        }),
        { maxItems: 1000 },
      ),
    ),
  }),
);

/** `POST /v1/registrations` */
export const ProviderRegistration = contract(
  'registry/provider/registration',
  strict({
    requestNo: No,
    businessType: Type.String({ pattern: '^A\\d{5}$', maxLength: 6 }),
    debtor: Party,
    securedParty: Party,
    mainContractNo: ShortText,
    securedAmount: Yuan,
    currency: Type.Literal('CNY'),
    termMonths: Type.Integer({ minimum: 1, maximum: 360 }),
    description: Description,
  }),
);

/** `POST /v1/registrations/{registrationNo}/amendments`; the number goes into the path. */
export const ProviderAmendment = contract(
  'registry/provider/amendment',
  strict({ registrationNo: No, body: strict({ requestNo: No, amendCode: AmendCode, description: Description }) }),
);

/** `POST /v1/registrations/{registrationNo}/cancellations` */
export const ProviderCancellation = contract(
  'registry/provider/cancellation',
  strict({ registrationNo: No, body: strict({ requestNo: No, amendCode: AmendCode, reason: Text }) }),
);

/** `GET /v1/requests/{requestNo}` */
export const ProviderRequestQuery = contract('registry/provider/request-query', strict({ requestNo: No }));

export const ProviderTaken = contract(
  'registry/provider/taken',
  strict({ code: Code, message: Message, requestNo: ShortText, acceptNo: Type.Optional(ShortText) }),
);

const Refusal = strict({ code: Code, message: Message });

/** `certificate.content` is base64 of the PDF, at most about 190 KB. */
const Result = strict({
  registrationNo: ShortText,
  amendCode: Type.Optional(AmendCode),
  certificate: Type.Optional(
    strict({
      contentType: Type.Literal('application/pdf'),
      sha256: Sha256Hex,
      content: Type.String({ pattern: '^[A-Za-z0-9+/]+={0,2}$', maxLength: 262_144 }),
    }),
  ),
  registeredAt: Type.Optional(BeijingTime),
  expiresAt: Type.Optional(BeijingTime),
  changedAt: Type.Optional(BeijingTime),
});

const progress = {
  requestNo: ShortText,
  acceptNo: Type.Optional(ShortText),
  type: Word,
  state: Word,
  refusal: Type.Optional(Refusal),
  result: Type.Optional(Result),
};

/** How far a request has come; the same in the answer to a query and in a notice. */
export const ProviderProgress = contract('registry/provider/progress', strict(progress));

export const ProviderRequestAnswer = contract(
  'registry/provider/request-answer',
  strict({ code: Code, message: Message, requestNo: ShortText, progress: Type.Optional(ProviderProgress.schema) }),
);

/** `POST <hub>/notices`. A retry carries the same `noticeId` under a new nonce. */
export const ProviderNotice = contract('registry/provider/notice', strict({ noticeId: ShortText, ...progress }));
