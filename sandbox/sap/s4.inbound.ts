/** `/sap/bc/idoc_xml` of the sandbox's SAP: it takes ALEAUD, and has one page for whatever it took. */
import { Parser } from 'xml2js';
import type { TwinAnswer, TwinRequest } from '../twin.ts';
import type { S4 } from './s4.memory.ts';

const page = (title: string, status: number): TwinAnswer => ({
  status,
  headers: { 'content-type': 'text/html; charset=UTF-8' },
  body: `<html>\n<head>\n<title>${title}</title>\n</head>\n<body>\n<h1>${title}</h1>\n</body>\n</html>\n`,
});

/** Status of an outbound IDoc after the receiver said that it is posted, or is not. */
const outbound: Readonly<Record<string, string>> = { '53': '41', '51': '40' };

interface State {
  readonly DOCNUM?: string[];
  readonly STATUS?: string[];
}

export function takeIdoc(request: TwinRequest, s4: S4): TwinAnswer {
  let idocs: { EDI_DC40?: { MESTYP?: string[] }[]; E1ADHDR?: { E1STATE?: State[] }[] }[] | undefined;
  new Parser({ async: false, explicitRoot: false, ignoreAttrs: true }).parseString(request.body, (error, tree) => {
    if (!error) idocs = (tree as { IDOC?: typeof idocs } | null)?.IDOC;
  });
  if (!Array.isArray(idocs)) return page('IDoc-XML-inbound: error', 500);
  for (const each of idocs) {
    if (each.EDI_DC40?.[0]?.MESTYP?.[0] !== 'ALEAUD') return page('IDoc-XML-inbound: error', 500);
    for (const state of (each.E1ADHDR ?? []).flatMap(({ E1STATE }) => E1STATE ?? [])) confirm(state, s4);
  }
  return page('IDoc-XML-inbound ok', 200);
}

/** A confirmation of an IDoc that is not there is passed over, without a word. */
function confirm(state: State, s4: S4): void {
  const docnum = state.DOCNUM?.[0] ?? '';
  const status = outbound[state.STATUS?.[0] ?? ''];
  const before = s4.memory.idocs[docnum];
  if (before === undefined || status === undefined || before === status) return;
  s4.memory.idocs[docnum] = status;
  s4.effect('confirmed', docnum, { status });
}
