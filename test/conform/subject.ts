/**
 * What the suite must be told of one dialect: how its counterparty stands there, one valid request for each operation,
 * how its notices come about, how it signs, and what its codes are. Everything else is generated.
 */
import type { Dialect, Outcome } from '../../adapters/adapter.ts';
import type { Kind } from '../../contracts/kind.ts';
import type { TwinSpec } from '../../sandbox/twin.ts';
import type { Fact } from '../adapter.ts';
import type { Ground } from './ground.ts';

/** A request as it left the adapter. */
export interface Asked {
  readonly method: string;
  /** Path and query, as in the request line. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** What a counterparty posts to the hub; `path` is below the system's own address, query included. */
export interface Posted {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** The key files of the counterparty's side, by name. */
export type TwinKeys = Readonly<Record<string, string>>;

/** How the vendor proves that an answer is its own. */
export interface AnswerSeal {
  /** Signs these bytes as the answer to that request. */
  sign(answer: Answer, asked: Asked, keys: TwinKeys): Promise<Answer> | Answer;
  /** One bit of the signature is another. */
  flip(answer: Answer): Answer;
  strip(answer: Answer): Answer;
  /** One character of what is signed is another; the message can still be read. */
  alter(answer: Answer): Answer;
  /** The genuine answer under the signature of an earlier one. */
  borrow(answer: Answer, earlier: Answer): Answer;
}

/** How the vendor proves that a notice is its own. */
export interface NoticeSeal {
  /** The same notice, signed anew: over another body, by other keys, some time ago. */
  sign(posted: Posted, how: { body?: Buffer; keys: TwinKeys; ageMs?: number }): Promise<Posted> | Posted;
  flip(posted: Posted): Posted;
  strip(posted: Posted): Posted;
  /** The body is another than was signed. */
  alter(posted: Posted): Posted;
  /** A signature older than this is not taken any more; undefined: the vendor signs no time (then `limits` says so). */
  readonly windowMs: number | undefined;
}

/**
 * What one HTTP request of an operation does: nothing (`read`), nothing yet (`prepare`: what comes to nothing without the
 * request that follows), the thing itself (`effect`), or asking about it when it is done (`after`).
 */
export type StepKind = 'read' | 'prepare' | 'effect' | 'after';

export interface Step {
  readonly kind: StepKind;
  /** Goes to an address that the counterparty handed out: it cannot be led elsewhere. */
  readonly link?: true;
  /** A file that comes with a companion. */
  readonly companion?: true;
}

/** How files are exchanged with a vendor over SFTP: who logs in, and the folders, with a leading slash. */
export interface FileExchange {
  readonly user: string;
  /** In the folder of the counterparty's files. */
  readonly root: string;
  readonly orders: string;
  readonly answers: string;
  /** What the files are. Default: XML. */
  readonly documents?: 'xml' | 'csv';
}

/** How a vendor that speaks TCP frames its messages: a head with the length of the content, the content, perhaps more. */
export interface Framing {
  /** The length of the whole message, once enough of it is there. */
  readonly frame: (soFar: Buffer) => number | undefined;
  readonly headBytes: number;
  /** Where in the head the length of the content stands, in digits. */
  readonly length: { readonly at: number; readonly digits: number };
}

type Request = object;

export interface OperationSubject {
  /** What the operation sends, in order. Default: one request, `read` or `effect` after the kind. */
  readonly steps?: readonly Step[];
  /**
   * Prepares the counterparty once; what it returns makes requests. A write gets a new number each time; a read asks
   * about two things in turns, whose answers differ.
   */
  ready(ground: Ground): Promise<(turn: number) => Request | Promise<Request>>;
  /** Kind of the line in the counterparty's own log, when it did what was asked. */
  readonly effect?: string;
  /** Its people do what they have to do before there is an effect. */
  finish?(ground: Ground, request: Request): Promise<void>;
  /** Another content under the same number. */
  conflict?(request: Request): Request;
  /** Fields of the answer that differ each time, though the same is asked. */
  readonly volatile?: readonly string[];
}

export interface NoticeSubject {
  /** Makes the counterparty tell it once, about something new. Answers with what tells it from others. */
  cause(ground: Ground, turn: number): Promise<(posted: Posted) => boolean>;
  /** Its people try again to tell, where an act that failed is not tried again by itself. */
  again?(ground: Ground, turn: number): Promise<void>;
  /** Reads the same fact. Absent: nothing tells it but the notice, and `limits` says so. */
  readonly poll?: { readonly operation: string; request(message: unknown): Request };
}

/** What a table's rows do, and how the counterparty is made to use each. */
export type TableSubject =
  | {
      /** The codes stand in answers. */
      readonly by: 'answer';
      readonly operation: string;
      /** Which request of the operation is answered so. Default: the first. */
      readonly step?: number;
      ask?(code: string, request: Request): Request;
      give(code: string, genuine: Answer, asked: Asked, keys: TwinKeys): Answer | Promise<Answer>;
      /** What is wrong with the outcome, for a row that is no failure code. */
      wrong?(outcome: Outcome, row: unknown, code: string): string | undefined;
      /** A code that no row has, in a shape that the contract lets through; undefined: the shape itself has no other. */
      readonly unmapped: string | undefined;
      /** Codes whose failure names another code as the external one (a detail under a general code). */
      readonly shownAs?: string;
    }
  | {
      /** The codes stand in what we send. */
      readonly by: 'request';
      readonly operation: string;
      ask(ours: string, request: Request): Request;
      /** Ours, yet this vendor has no code for it; undefined: the canonical contract has no other. */
      readonly unmapped: string | undefined;
    }
  | {
      /** The codes stand in notices. */
      readonly by: 'notice';
      /** Which notice carries the code. */
      noticeOf(code: string): string;
      give(code: string, posted: Posted): Buffer | Promise<Buffer>;
      wrong(fact: Fact | undefined, row: unknown, code: string): string | undefined;
      readonly unmapped: string;
    };

/** What this vendor's protocol cannot give, so that a case would ask the impossible. Told in the report, never hidden. */
export interface Limit {
  /** `*` is every operation, or every notice. */
  readonly where: string;
  readonly cases: readonly string[];
  readonly why: string;
}

/** A mistake that a dialect could have; the suite must find it. */
export interface Bug {
  readonly what: string;
  /** Among which cases it shows first. Default: those of operations. */
  readonly shows?: 'operation' | 'notice' | 'table';
  plant(dialect: Dialect<Kind>, subject: Subject): Dialect<Kind>;
}

export interface Subject {
  readonly kind: Kind;
  readonly vendor: string;
  readonly dialect: Dialect<Kind>;
  readonly twin: TwinSpec<object>;
  /** Business time; 1 keeps people from acting by themselves. */
  readonly speed?: number;
  /** It speaks TCP and not HTTP. A request is then `TCP` without target and headers, an answer has no status to speak of. */
  readonly framing?: Framing;
  readonly answerSeal?: AnswerSeal;
  readonly noticeSeal?: NoticeSeal;
  /** Whether the reply tells the vendor that its notice was taken. */
  readonly taken?: (status: number, body: Buffer) => boolean;
  /** The vendor exchanges files: it is met over SFTP, not over HTTP. */
  readonly files?: FileExchange;
  /** It takes mail: it is met over SMTP. Who logs in there. */
  readonly smtp?: { readonly user: string };
  readonly operations: Readonly<Record<string, OperationSubject>>;
  readonly notices: Readonly<Record<string, NoticeSubject>>;
  readonly tables: Readonly<Record<string, TableSubject>>;
  readonly limits: readonly Limit[];
  readonly bugs: Readonly<Record<string, Bug>>;
}

/** As it is written: kind, dialect and memory of the counterparty are each of their own type. */
type Parts = Omit<Subject, 'kind' | 'dialect' | 'twin'> & {
  readonly kind: { readonly name: string };
  readonly dialect: object;
  readonly twin: object;
};

/** Types the parts of a subject against each other, and forgets what is its own. */
export function subject(parts: Parts): Subject {
  return parts as unknown as Subject;
}
