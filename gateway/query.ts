/** Query strings, read strictly: what could be read in two ways, or would be ignored, is refused. */
import { Failure } from '../contracts/failures.ts';

const parametersMax = 64;

/** Path and decoded query of a request's raw address. @throws Failure QUERY_INVALID on a repeated or undecodable parameter */
export function readAddress(rawUrl: string): { path: string; query: Readonly<Record<string, string>> } {
  const mark = rawUrl.indexOf('?');
  if (mark < 0) return { path: rawUrl, query: {} };
  const parts = rawUrl
    .slice(mark + 1)
    .split('&')
    .filter((part) => part !== '');
  if (parts.length > parametersMax)
    throw invalid('', 'too_many', `at most ${parametersMax} query parameters are taken`);
  const query = new Map<string, string>();
  for (const part of parts) {
    const equals = part.indexOf('=');
    const name = decode(equals < 0 ? part : part.slice(0, equals));
    if (query.has(name)) throw invalid(name, 'repeated', 'the parameter occurs twice');
    query.set(name, equals < 0 ? '' : decode(part.slice(equals + 1)));
  }
  return { path: rawUrl.slice(0, mark), query: Object.fromEntries(query) };
}

/** The query, when it holds nothing but these parameters. A filter that is not applied must never look as if it were. */
export function filtersOf(rawUrl: string, allowed: readonly string[]): Readonly<Record<string, string>> {
  const { query } = readAddress(rawUrl);
  for (const name of Object.keys(query)) {
    if (!allowed.includes(name)) throw invalid(name, 'unknown', `is not one of ${allowed.join(', ') || '(none)'}`);
  }
  return query;
}

export function invalid(name: string, code: string, detail: string): Failure {
  const shown = name.replace(/[^\w.-]/gu, '?').slice(0, 64);
  return new Failure('QUERY_INVALID', {
    detail: `query parameter ${shown}: ${detail}`,
    errors: [{ pointer: `?${shown}`, code, detail }],
  });
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    throw invalid('', 'encoding', 'the query is not percent-encoded UTF-8');
  }
}
