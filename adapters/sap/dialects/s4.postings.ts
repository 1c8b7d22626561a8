/** What the hub writes into SAP: postings, in one session with their commit, and audit confirmations of IDocs. */
import { createHash } from 'node:crypto';
import {
  accDocumentOf,
  acknowledgementFoundOf,
  aleaudOf,
  clearingFoundOf,
  clearingPostedOf,
  referenceOf,
} from '../../../mappings/sap/s4.postings.ts';
import { refuseBapiErrors } from '../../../mappings/sap/s4.bapi.ts';
import { alphaIn } from '../../../mappings/sap/s4.numbers.ts';
import { consequenceOf, Failure, isFailure } from '../../../contracts/failures.ts';
import { buildXml, type XmlElement } from '../../../contracts/gate/xml.ts';
import { BapiReturn } from '../../../contracts/sap/s4.wire.ts';
import type { sap } from '../../../contracts/sap/sap.ts';
import type { Dialect } from '../../adapter.ts';
import type { Wire, WireAnswer } from '../../wire.ts';
import { basicOf } from '../basicAuth.ts';
import { isTree, pick } from '../pick.ts';
import type { RfcCall, RfcSession, RfcTransport } from '../rfc.ts';
import { readTable } from '../tables.ts';

const postingFields = ['BUKRS', 'BELNR', 'GJAHR', 'XBLNR', 'STBLG', 'BKTXT'] as const;
const idocNoDigits = 16;
/** The page of `/sap/bc/idoc_xml` is a few lines. */
const pageBytesMax = 2_000;

export function postingOperations(transportTo: (wire: Wire) => RfcTransport) {
  return {
    async postClearing(clearing, wire) {
      const { settings } = wire.system;
      const document = accDocumentOf({
        clearing,
        user: settings['rfcUser'] ?? '',
        clearingAccount: settings['clearingAccount'] ?? '',
        documentType: settings['clearingDocumentType'] ?? 'DZ',
      });
      const transport = transportTo(wire);
      const { DOCUMENTHEADER: header } = document;
      const dates = { DOC_DATE: transport.date(header.DOC_DATE), PSTNG_DATE: transport.date(header.PSTNG_DATE) };
      const imports = { ...document, DOCUMENTHEADER: { ...header, ...dates } };
      return transport.session(async (session) => {
        const before = await beforeCommit(() => postingsUnder(session.call, clearing.clearingNo));
        if (before.outcome === 'confirmed') return before.response;
        if (before.outcome === 'refused')
          throw new Failure('SYSTEM_REFUSED', { detail: before.detail, externalCode: before.code });
        const posted = await beforeCommit(async () => {
          const answer = await session.call('BAPI_ACC_DOCUMENT_POST', imports, ['RETURN']);
          refuseBapiErrors(pick(BapiReturn, answer));
          return clearingPostedOf({ clearingNo: clearing.clearingNo, ...keyIn(answer) });
        });
        await commit(session);
        return posted;
      });
    },
    queryClearing: ({ no }, wire) => postingsUnder(transportTo(wire).call, no),
    async acknowledgeIdoc(acknowledgement, wire) {
      const { settings } = wire.system;
      const idoc = aleaudOf({
        acknowledgement,
        ownNo: ownNoOf(wire.key),
        ownPartner: settings['ownPartner'] ?? 'LIANSHU',
        ownPort: settings['ownPort'] ?? 'LIANSHU',
        partner: settings['partner'] ?? '',
        port: settings['port'] ?? '',
        client: settings['client'] ?? '100',
        at: new Date(wire.now().getTime() + shanghaiMs).toISOString(),
      });
      const answer = await wire.send({
        method: 'POST',
        path: `/sap/bc/idoc_xml?sap-client=${encodeURIComponent(settings['client'] ?? '100')}`,
        headers: {
          'content-type': 'text/xml; charset=utf-8',
          authorization: basicOf(settings['rfcUser'] ?? '', wire.keys.secret('rfc-password')),
        },
        body: Buffer.from(buildXml(idocXml('ALEAUD01', idoc), { declaration: 'UTF-8' })),
      });
      confirmTaken(answer);
      return { messageNo: acknowledgement.messageNo, verdict: acknowledgement.verdict };
    },
    async queryAcknowledgement({ no }, wire) {
      if (!/^\d{1,16}$/.test(no)) return { outcome: 'notFound' as const };
      const docnum = alphaIn(no, idocNoDigits);
      const where = `DOCNUM = '${docnum}'`;
      const rows = await readTable(transportTo(wire).call, 'EDIDC', ['DOCNUM', 'STATUS'], where);
      confirmOwn(
        rows.map(({ DOCNUM }) => DOCNUM),
        docnum,
      );
      return acknowledgementFoundOf({ messageNo: no, rows });
    },
  } satisfies Dialect<typeof sap>['operations'];
}

/** SAP's local time. */
const shanghaiMs = 8 * 3_600_000;

async function postingsUnder(call: RfcCall, clearingNo: string) {
  const reference = referenceOf(clearingNo);
  const rows = await readTable(call, 'BKPF', postingFields, `XBLNR = '${reference}'`);
  confirmOwn(
    rows.map(({ XBLNR }) => XBLNR),
    reference,
  );
  return clearingFoundOf({ clearingNo, rows });
}

/** Until the commit nothing is done, whatever SAP said or did not say: then it may be tried again. */
async function beforeCommit<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (thrown) {
    if (!isFailure(thrown) || (thrown.type !== 'OUTCOME_UNKNOWN' && thrown.type !== 'ANSWER_UNVERIFIED')) throw thrown;
    throw new Failure('SYSTEM_BUSY', {
      detail: `${thrown.message}; nothing was committed`,
      ...(thrown.externalCode === undefined ? {} : { externalCode: thrown.externalCode }),
      cause: thrown,
    });
  }
}

/** From the first byte of the commit on only the query tells: a no may be the machine's on the way. */
async function commit(session: RfcSession): Promise<void> {
  try {
    refuseBapiErrors(pick(BapiReturn, await session.end('BAPI_TRANSACTION_COMMIT', { WAIT: 'X' }, [])));
  } catch (thrown) {
    if (!isFailure(thrown) || thrown.type === 'SYSTEM_UNREACHABLE' || consequenceOf(thrown) === 'unknown') throw thrown;
    throw new Failure('OUTCOME_UNKNOWN', {
      detail: `the commit: ${thrown.message}`,
      ...(thrown.externalCode === undefined ? {} : { externalCode: thrown.externalCode }),
      cause: thrown,
    });
  }
}

function keyIn(answer: unknown): { OBJ_TYPE?: string; OBJ_KEY?: string } {
  const tree = isTree(answer) ? answer : {};
  const fields = (['OBJ_TYPE', 'OBJ_KEY'] as const).flatMap((name) => {
    const value = tree[name];
    return typeof value === 'string' ? [[name, value.trim()] as const] : [];
  });
  return Object.fromEntries(fields);
}

function confirmOwn(found: readonly string[], asked: string): void {
  if (found.some((each) => each !== asked))
    throw new Failure('ANSWER_UNVERIFIED', { detail: 'the answer is about something else than was asked for' });
}

/** Sixteen digits out of the key of the effect: the same in every attempt. */
function ownNoOf(key: string): string {
  const number = createHash('sha256').update(key).digest().readBigUInt64BE() % 10n ** BigInt(idocNoDigits);
  return number.toString().padStart(idocNoDigits, '0');
}

/** Nested objects are segments, texts are fields. */
function idocXml(name: string, idoc: object): XmlElement {
  const body = element('IDOC', segmentsOf(idoc), { BEGIN: '1' });
  return element(name, [body]);
}

function segmentsOf(parent: object): XmlElement[] {
  return Object.entries(parent).map(([name, value]: [string, unknown]) =>
    typeof value === 'object' && value !== null
      ? element(name, segmentsOf(value), { SEGMENT: '1' })
      : { ...element(name, []), text: String(value) },
  );
}

function element(name: string, children: XmlElement[], attributes: Record<string, string> = {}): XmlElement {
  return { name, attributes, children, text: '' };
}

/** The port has one page for every IDoc that it took. What is not exactly one of these pages is no answer. */
function confirmTaken({ status, body }: WireAnswer): void {
  const page = body.length <= pageBytesMax ? textOf(body) : '';
  const titles = page.match(/<title>[^<]*<\/title>/gi) ?? [];
  const taken = /^<title>\s*IDoc-XML-inbound ok\s*<\/title>$/i.test(titles[0] ?? '') && titles.length === 1;
  if (status !== 200 || !taken || !/<\/html>\s*$/i.test(page))
    throw new Failure('OUTCOME_UNKNOWN', { detail: `HTTP ${status} without the page of the IDoc port` });
}

function textOf(body: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch {
    return ''; // Nothing that SAP said.
  }
}
