/** Registry of security interests in movables (中登网, 动产融资统一登记): search, register, amend, cancel. */
import { Type } from 'typebox';
import { Company, CompanyName, Instant, Sha256Hex, ShortText, Text, Yuan } from '../canonical/primitives.ts';
import { contract, strict } from '../contract.ts';
import { enquiry, kind, notice, operation, QueryByNumber } from '../kind.ts';

/** Search by the exact legal name of the pledgor. */
export const Search = contract('registry/search', strict({ debtorName: CompanyName }));
export const SearchResult = contract(
  'registry/search-result',
  strict({
    searchNo: ShortText,
    searchedAt: Instant,
    hits: Type.Array(
      strict({
        registrationNo: ShortText,
        securedParty: CompanyName,
        description: Type.String({ maxLength: 4000 }),
        registeredAt: Instant,
      }),
      {
        maxItems: 1000,
      },
    ),
  }),
);

const AmendCode = Type.String({ minLength: 4, maxLength: 64, 'x-pii': 'secret' });

/** Initial registration (初始登记). The description lists receipt numbers so that others can find the goods. */
export const Registration = contract(
  'registry/registration',
  strict({
    requestNo: ShortText,
    business: Type.Union([
      Type.Literal('warehouseReceiptPledge'),
      Type.Literal('goodsPledge'),
      Type.Literal('factoring'),
    ]),
    pledgor: Company,
    pledgee: Company,
    contractNo: ShortText,
    securedAmount: Yuan,
    termMonths: Type.Integer({ minimum: 1, maximum: 360 }),
    description: Type.String({ minLength: 1, maxLength: 4000 }),
  }),
);
export const RegistrationTaken = contract('registry/registration-taken', strict({ acceptNo: ShortText }));
export const Registered = contract(
  'registry/registered',
  strict({
    requestNo: ShortText,
    registrationNo: ShortText,
    amendCode: AmendCode,
    certificateSha256: Sha256Hex,
    registeredAt: Instant,
    expiresAt: Instant,
  }),
);

export const Amendment = contract(
  'registry/amendment',
  strict({
    requestNo: ShortText,
    registrationNo: ShortText,
    amendCode: AmendCode,
    description: Type.String({ minLength: 1, maxLength: 4000 }),
  }),
);
export const Cancellation = contract(
  'registry/cancellation',
  strict({ requestNo: ShortText, registrationNo: ShortText, amendCode: AmendCode, reason: Text }),
);
export const RegistrationChanged = contract(
  'registry/registration-changed',
  strict({
    requestNo: ShortText,
    registrationNo: ShortText,
    change: Type.Union([Type.Literal('amended'), Type.Literal('cancelled')]),
    at: Instant,
  }),
);

const queried = { effect: 'read', request: QueryByNumber } as const;
const asked = { effect: 'write', idempotent: true, numberOf: (r: { requestNo: string }) => r.requestNo } as const;

export const registry = kind(
  'registry',
  {
    search: operation({
      request: Search,
      response: SearchResult,
      effect: 'read',
      label: { zh: '登记查询', en: 'registry search' },
    }),
    register: operation({
      ...asked,
      request: Registration,
      response: RegistrationTaken,
      query: 'queryRequest',
      label: { zh: '初始登记', en: 'register' },
    }),
    amend: operation({
      ...asked,
      request: Amendment,
      response: RegistrationTaken,
      query: 'queryRequest',
      label: { zh: '变更登记', en: 'amend registration' },
    }),
    cancel: operation({
      ...asked,
      request: Cancellation,
      response: RegistrationTaken,
      query: 'queryRequest',
      label: { zh: '注销登记', en: 'cancel registration' },
    }),
    queryRequest: operation({
      ...queried,
      response: enquiry(RegistrationTaken),
      label: { zh: '查询登记受理', en: 'query request' },
    }),
    readRegistration: operation({
      ...queried,
      response: enquiry(Registered),
      label: { zh: '查询登记结果', en: 'query registration' },
    }),
    readChange: operation({
      ...queried,
      response: enquiry(RegistrationChanged),
      label: { zh: '查询变更结果', en: 'query change' },
    }),
  },
  {
    registered: notice({
      contract: Registered,
      label: { zh: '登记完成', en: 'registered' },
      keyOf: (m) => m.requestNo,
      idOf: (m) => m.registrationNo,
      reports: { operation: 'register', verdict: () => 'happened' },
    }),
    registrationChanged: notice({
      contract: RegistrationChanged,
      label: { zh: '变更/注销完成', en: 'registration changed' },
      keyOf: (m) => m.requestNo,
      idOf: (m) => m.requestNo,
      reports: { operation: 'cancel', verdict: (m) => (m.change === 'cancelled' ? 'happened' : undefined) },
    }),
  },
);
