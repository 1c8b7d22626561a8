/**
 * The `manual` dialect on the wire: a registrar's desk (登记专员工作台). Whoever has no interface to the movables registry (中登网)
 * has people who register at its pages. The hub sends the desk a work order with every field in the order of the form, and
 * the desk sends back what the registrar read there and the certificate that he downloaded.
 *
 * All of it is chosen, the hub's own definition: the registry has no public interface. Known of the registry: what a form holds,
 * that a registration gives a number, an amend code (修改码) and a certificate, and that a search is by the exact legal name.
 * That a registration number has twenty digits is what published ones look like, not a rule that was found written.
 */
import { Type } from 'typebox';
import { CompanyName, Sha256Hex, ShortText, Text } from '../canonical/primitives.ts';
import { contract, strict } from '../contract.ts';

/** Numbers stand in paths: nothing that a URL parser would read as more than a name. */
const No = Type.String({ pattern: '^[0-9A-Za-z][0-9A-Za-z._-]{0,63}$', maxLength: 64 });
const Code = Type.String({ pattern: '^([A-Z]{1,16}_)*[A-Z]{1,16}$', maxLength: 64 });
const Message = Type.String({ maxLength: 500 });
const BeijingTime = Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2} \\d{2}:\\d{2}:\\d{2}$', maxLength: 19 });
const Secret = Type.String({ minLength: 4, maxLength: 64, 'x-pii': 'secret' });
/** As somebody typed it: what is wrong about it is for the mapping to say, so that he is asked again. */
const Typed = Type.String({ maxLength: 64 });
const TypedSecret = Type.String({ maxLength: 64, 'x-pii': 'secret' });

/** One field of the form at the registry's pages, in the order in which they ask for it. */
const Field = strict({
  step: Type.Integer({ minimum: 1, maximum: 20 }),
  /** Name of the field at the registry's pages. */
  label: ShortText,
  value: Type.String({ minLength: 1, maxLength: 4000 }),
  /** What the registrar has to mind. */
  hint: Text,
});

/** `POST /desk/v1/orders` */
export const ManualOrder = contract(
  'registry/manual/order',
  strict({
    orderNo: No,
    task: Code,
    title: ShortText,
    form: Type.Array(Field, { minItems: 1, maxItems: 20 }),
    /** Of the registration that is to be changed; no field of the form, so that nobody prints it. */
    amendCode: Type.Optional(Secret),
  }),
);

/** What `ManualOrder` is made of when something is to be searched: the hub numbers searches itself. */
export const ManualSearch = contract('registry/manual/search', strict({ orderNo: No, debtorName: CompanyName }));

/** `GET /desk/v1/orders/{orderNo}` */
export const ManualQuery = contract('registry/manual/query', strict({ orderNo: No }));

/** A file as it was uploaded; `content` is base64, at most 1 MiB of PDF. */
const Upload = strict({
  sha256: Sha256Hex,
  content: Type.String({ pattern: '^[A-Za-z0-9+/]+={0,2}$', maxLength: 1_398_104 }),
});

/** What the registrar typed and uploaded. Numbers and codes are typed twice, without pasting. */
const Result = strict({
  registrationNo: Type.Optional(Typed),
  registrationNoAgain: Type.Optional(Typed),
  amendCode: Type.Optional(TypedSecret),
  amendCodeAgain: Type.Optional(TypedSecret),
  registeredAt: Type.Optional(BeijingTime),
  expiresAt: Type.Optional(BeijingTime),
  changedAt: Type.Optional(BeijingTime),
  certificate: Type.Optional(Upload),
  searchNo: Type.Optional(Typed),
  searchedAt: Type.Optional(BeijingTime),
  /** The name as ordered first, then the former names (曾用名) that were searched too. */
  searchedNames: Type.Optional(Type.Array(CompanyName, { minItems: 1, maxItems: 10 })),
  hits: Type.Optional(
    Type.Array(
      strict({
        registrationNo: ShortText,
        debtorName: CompanyName,
        securedParty: CompanyName,
        description: Type.String({ maxLength: 4000 }),
        registeredAt: BeijingTime,
      }),
      { maxItems: 1000 },
    ),
  ),
});

const ticket = {
  orderNo: No,
  ticketNo: ShortText,
  task: Code,
  state: Code,
  /** Why it came back undone. */
  reason: Type.Optional(strict({ code: Code, message: Message })),
  result: Type.Optional(Result),
};

/** How far an order has come; the same in the answer to a query and in what the desk tells. */
export const ManualTicket = contract('registry/manual/ticket', strict(ticket));

/** The answer to an order. */
export const ManualTaken = contract(
  'registry/manual/taken',
  strict({ code: Code, message: Message, orderNo: Type.String({ maxLength: 64 }), ticketNo: Type.Optional(ShortText) }),
);

/** The answer to a query. */
export const ManualAnswer = contract(
  'registry/manual/answer',
  strict({
    code: Code,
    message: Message,
    orderNo: Type.String({ maxLength: 64 }),
    ticket: Type.Optional(ManualTicket.schema),
  }),
);

/** `POST <hub>/results`. Told again, it has the same `noticeId` under a new nonce. */
export const ManualNotice = contract('registry/manual/notice', strict({ noticeId: ShortText, ...ticket }));
